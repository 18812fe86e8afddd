import { mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createBlobSealing } from '../../../platform/storage/blob-sealing.ts';
import type { BlobStore } from '../../../platform/storage/blob-store.ts';
import { createFileStore } from '../../../platform/storage/file-store.ts';

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

/** The sizes at which the pieces of an encrypted blob end. */
const SIZES = [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 2 << 20, (5 << 20) / 2];

describe.each([
  ['the file store', false],
  ['the file store with ENCRYPT_BLOBS', true],
])('%s', (_, encrypts) => {
  beforeEach(async () => (store = await storeWith(encrypts)));

  it('gives back what it was given, under a key that ends in its hash', async () => {
    const ref = await store.putBytes('runs/w/dataset', Buffer.from('hello'));
    expect(ref.bytes).toBe(5);
    expect(ref.sha256).toBe('2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824');
    expect(ref.key).toBe(`runs/w/dataset.${ref.sha256.slice(0, 32)}`);
    expect(String(await store.getBytes(ref))).toBe('hello');
    expect(await store.withFile(ref, (path) => readFile(path, 'utf8'))).toBe('hello');
  });

  it.each(SIZES)('gives back %i bytes', async (size) => {
    const bytes = Buffer.alloc(size, 'abcdefg');
    const ref = await store.putBytes('a', bytes);
    expect(bytes.equals(await store.getBytes(ref))).toBe(true);
  });

  it('keeps two different contents of one name apart', async () => {
    const first = await store.putBytes('runs/w/dataset', Buffer.from('one'));
    await store.putBytes('runs/w/dataset', Buffer.from('two'));
    expect(String(await store.getBytes(first))).toBe('one');
  });

  it('lists what lies below a folder, or under a name', async () => {
    expect(await store.list('runs/v/')).toEqual([]);
    const refs = ['runs/v/b', 'runs/v/deep/a', 'runs/vv/a'].map((name) =>
      store.putBytes(name, Buffer.from(name)),
    );
    const [b, deep] = (await Promise.all(refs)).map(({ key }) => key);
    expect(await store.list('runs/v/')).toEqual([b, deep]);
    expect(await store.list('runs/v/deep/a.')).toEqual([deep]);
    expect(await store.list('')).toHaveLength(3);
    await expect(store.list('runs/../x/')).rejects.toThrow(TypeError);
  });

  it('takes the given file away, and leaves nothing beside the blob', async () => {
    const ref = await store.withScratch(async (scratch) => {
      await writeFile(join(scratch, 'x'), 'hello');
      const stored = await store.putFile('a', join(scratch, 'x'));
      expect(await readdir(scratch)).toEqual([]);
      return stored;
    });
    await store.getBytes(ref);
    expect((await readdir(join(folder, 'blobs'))).sort()).toEqual(['.scratch', ref.key]);
    expect(await readdir(join(folder, 'blobs', '.scratch'))).toEqual([]);
  });

  it('tells a changed, a cut and a missing blob', async () => {
    const ref = await store.putBytes('a', Buffer.from('hello'));
    await writeFile(fileOf(ref), 'jello');
    await expect(store.getBytes(ref)).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
    await truncate(fileOf(ref), 2);
    await expect(store.getBytes(ref)).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
    await rm(fileOf(ref));
    await expect(store.getBytes(ref)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
  });

  it('replaces, gives and removes what may change', async () => {
    const given = (): Promise<string | null> =>
      store.withReplaceable('c', async (path) => path && readFile(path, 'utf8'));
    expect(await given()).toBeNull();
    for (const text of ['first', 'second']) {
      await store.withScratch(async (scratch) => {
        await writeFile(join(scratch, 'x'), text);
        await store.replace('c', join(scratch, 'x'));
      });
      expect(await given()).toBe(text);
    }
    await store.remove('c');
    expect(await given()).toBeNull();
  });

  it.each(['../a', '/etc/a', 'a/../b', 'a//b', ''])('refuses the name %j', async (name) => {
    await expect(store.putBytes(name, Buffer.from(''))).rejects.toThrow(TypeError);
  });

  it('takes scratch folders away, also after an error', async () => {
    const failing = store.withScratch(async (scratch) => {
      await writeFile(join(scratch, 'x'), 'x');
      throw new Error('stop');
    });
    await expect(failing).rejects.toThrow('stop');
    expect(await readdir(join(folder, 'blobs', '.scratch'))).toEqual([]);
  });

  it('reads what was written before the setting was changed', async () => {
    const before = await storeWith(!encrypts);
    const ref = await before.putBytes('a', Buffer.from('hello'));
    expect(String(await store.getBytes(ref))).toBe('hello');
  });
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

  it('can’t be read with other keys, which is said', async () => {
    const ref = await store.putBytes('a', content);
    const stranger = await storeWith(true, 'other.keys');
    await expect(stranger.getBytes(ref)).rejects.toMatchObject({ code: 'SETUP_FAILED' });
  });
});

function flipped(bytes: Buffer, index: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[index]! ^= 1;
  return copy;
}
