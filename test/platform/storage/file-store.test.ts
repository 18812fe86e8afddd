import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createFileStore } from '../../../platform/storage/file-store.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'file-store-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the file store', () => {
  it('gives back what it was given, under a key that ends in its hash', async () => {
    const store = createFileStore(folder);
    const ref = await store.putBytes('runs/w/dataset', Buffer.from('hello'));
    expect(ref.bytes).toBe(5);
    expect(ref.key).toBe(`runs/w/dataset.${ref.sha256.slice(0, 32)}`);
    expect(String(await store.getBytes(ref))).toBe('hello');
  });

  it('keeps two different contents of one name apart', async () => {
    const store = createFileStore(folder);
    const first = await store.putBytes('runs/w/dataset', Buffer.from('one'));
    await store.putBytes('runs/w/dataset', Buffer.from('two'));
    expect(String(await store.getBytes(first))).toBe('one');
  });

  it('tells a changed, a cut and a missing blob', async () => {
    const store = createFileStore(folder);
    const ref = await store.putBytes('a', Buffer.from('hello'));
    await writeFile(join(folder, ref.key), 'jello');
    await expect(store.getBytes(ref)).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
    await truncate(join(folder, ref.key), 2);
    await expect(store.getBytes(ref)).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
    await rm(join(folder, ref.key));
    await expect(store.getBytes(ref)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
  });

  it.each(['../a', '/etc/a', 'a/../b', 'a//b', ''])('refuses the name %j', async (name) => {
    await expect(createFileStore(folder).putBytes(name, Buffer.from(''))).rejects.toThrow(
      TypeError,
    );
  });

  it('takes scratch folders away, also after an error', async () => {
    const store = createFileStore(folder);
    const failing = store.withScratch(async (scratch) => {
      await writeFile(join(scratch, 'x'), 'x');
      throw new Error('stop');
    });
    await expect(failing).rejects.toThrow('stop');
    expect(await readdir(join(folder, '.scratch'))).toEqual([]);
  });
});
