import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createBlobSealing } from '../../../platform/storage/blob-sealing.ts';
import type { BlobStore } from '../../../platform/storage/blob-store.ts';
import { createFileStore } from '../../../platform/storage/file-store.ts';
import { describeBlobStore } from './blob-store-contract.ts';

let folder: string;
let store: BlobStore;
const storeWith = async (ENCRYPT_BLOBS: boolean, keys = 'payload.keys'): Promise<BlobStore> =>
  createFileStore(
    join(folder, 'blobs'),
    await createBlobSealing({ ENCRYPT_BLOBS, payloadKeysFile: join(folder, keys) }),
  );
const fileOf = ({ key }: { key: string }): string => join(folder, 'blobs', key);
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'file-store-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

describeBlobStore('the file store', {
  open: ({ encrypts, keys }) => storeWith(encrypts, keys),
  read: (key) => readFile(fileOf({ key })),
  write: (key, bytes) => writeFile(fileOf({ key }), bytes),
  remove: (key) => rm(fileOf({ key })),
  leftovers: () => readdir(join(folder, 'blobs', '.scratch')),
  prefix: () => 'runs/',
});

describe('an encrypted blob', () => {
  const content = Buffer.alloc((5 << 20) / 2, 'canary');
  const PIECE = (1 << 20) + 16;
  const HEADER = 56;
  beforeEach(async () => (store = await storeWith(true)));

  it('holds nothing of its content, and differs each time', async () => {
    const ref = await store.putBytes('a', content);
    const first = await readFile(fileOf(ref));
    await store.putBytes('a', content);
    const second = await readFile(fileOf(ref));
    expect(first.includes('canary')).toBe(false);
    expect(first.subarray(HEADER, HEADER + 64)).not.toEqual(second.subarray(HEADER, HEADER + 64));
  });

  it.each<[string, (file: Buffer) => Buffer]>([
    ['cut at a piece’s end', (file) => file.subarray(0, HEADER + 2 * PIECE)],
    ['cut after its header', (file) => file.subarray(0, HEADER)],
    ['cut in its header', (file) => file.subarray(0, HEADER - 1)],
    ['lengthened', (file) => Buffer.concat([file, file.subarray(HEADER, HEADER + PIECE)])],
    [
      'with two pieces swapped',
      (file) => {
        const [one, two] = [0, 1].map((i) =>
          file.subarray(HEADER + i * PIECE, HEADER + (i + 1) * PIECE),
        ) as [Buffer, Buffer];
        return Buffer.concat([
          file.subarray(0, HEADER),
          two,
          one,
          file.subarray(HEADER + 2 * PIECE),
        ]);
      },
    ],
    ['with another salt', (file) => flipped(file, HEADER - 1)],
    ['with a bit changed', (file) => flipped(file, HEADER + PIECE + 5)],
  ])('%s is found out, one that may change counts as none', async (_, change) => {
    const ref = await store.putBytes('a', content);
    const changed = change(await readFile(fileOf(ref)));
    await writeFile(fileOf(ref), changed);
    await expect(store.getBytes(ref)).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
    await store.withReplaceable(ref.key, async (path) => expect(path).toBeNull());
  });

  it('is good under its own name only', async () => {
    const ref = await store.putBytes('a', content);
    await rename(fileOf(ref), join(folder, 'blobs', 'b'));
    const moved = store.getBytes({ ...ref, key: 'b' });
    await expect(moved).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
  });
});

function flipped(bytes: Buffer, index: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[index]! ^= 1;
  return copy;
}
