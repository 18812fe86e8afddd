import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, expect, it } from 'vitest';

import { createFileStore } from '../../../platform/storage/file-store.ts';
import { createKeptBytes } from '../../../server/limits/kept-bytes.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function blobs(files: Readonly<Record<string, number>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kept-bytes-'));
  folders.push(folder);
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), 'x'.repeat(bytes));
  }
  return folder;
}

const keptIn = (folder: string, now?: () => number) =>
  createKeptBytes(createFileStore(folder), now);

it('tells whose the blobs are', async () => {
  const keptBytes = keptIn(
    await blobs({
      'runs/experiment-acme.1234/dataset/a': 1,
      'runs/experiment-acme.key-1/model/b': 2,
      'tenants/acme/inline/records/c': 4,
      'runs/experiment-1234/dataset/d': 8,
      'inline/records/e': 16,
      'runs/experiment-acme-2.1/split/f': 32,
      '.scratch/1-2/being-written': 64,
    }),
  );
  expect(await keptBytes('acme')).toBe(7);
  expect(await keptBytes('default')).toBe(24);
  expect(await keptBytes('acme-2')).toBe(32);
  expect(await keptBytes('nobody')).toBe(0);
});

it('measures seldom, and again when it is time', async () => {
  let now = 0;
  const folder = await blobs({ 'inline/a': 1 });
  const keptBytes = keptIn(folder, () => now);
  expect(await keptBytes('default')).toBe(1);
  await writeFile(join(folder, 'inline', 'b'), 'xx');
  now = 29_000;
  expect(await keptBytes('default')).toBe(1);
  now = 31_000;
  expect(await keptBytes('default')).toBe(3);
});

it('measures again at once when the store was away, however long that took to find out', async () => {
  let now = 0;
  const store = createFileStore(await blobs({ 'inline/a': 1 }));
  let away = true;
  const keptBytes = createKeptBytes(
    {
      async *entries(prefix) {
        now += 180_000;
        if (away) throw new Error('away');
        yield* store.entries(prefix);
      },
    },
    () => now,
  );
  await expect(keptBytes('default')).rejects.toThrow('away');
  away = false;
  expect(await keptBytes('default')).toBe(1);
});

it('is nothing where no blob has been stored', async () => {
  expect(await keptIn(join(tmpdir(), 'no-such-folder'))('default')).toBe(0);
});
