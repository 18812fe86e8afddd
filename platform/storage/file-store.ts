import { mkdir, open, opendir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';

import type { BlobSealing } from './blob-sealing.ts';
import type { BlobStore } from './blob-store.ts';
import { createBlobsIn } from './blobs-in-objects.ts';
import { checkedKey, folderOf, type BlobEntry, type ObjectStore } from './object-store.ts';
import { createScratchFolders } from './scratch-folders.ts';

/** A blob store in a folder. */
export function createFileStore(folder: string, sealing?: BlobSealing): BlobStore {
  const root = resolve(folder);
  const scratch = createScratchFolders(join(root, '.scratch'));
  return createBlobsIn(createFolderObjects(root), { scratch, sealing });
}

/** Files below a folder. One appears under its key only when it is whole and on the disk. */
function createFolderObjects(root: string): ObjectStore {
  const pathOf = (key: string): string => join(root, checkedKey(key));
  return {
    async put(key, path) {
      const target = pathOf(key);
      const file = await open(path, 'r');
      try {
        await file.sync();
      } finally {
        await file.close();
      }
      await renameInto(path, target);
      return target;
    },
    async withFile(key, _constancy, use) {
      const path = pathOf(key);
      return use(await stat(path).then(() => path, noneThere));
    },
    renew: () => Promise.resolve(false),
    async remove(key) {
      await rm(pathOf(key), { force: true });
      await removeEmpty(dirname(pathOf(key)), root);
    },
    changedAt: async (key) => (await stat(pathOf(key)).catch(unlessGone))?.mtimeMs,
    async *entries(prefix) {
      for await (const entry of entriesBelow(root, join(root, folderOf(prefix)))) {
        if (entry.key.startsWith(prefix)) yield entry;
      }
    },
  };
}

/** Tries of a rename into a folder that others may just take away, as an empty one. */
const TRIES = 5;

async function renameInto(path: string, target: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    await mkdir(dirname(target), { recursive: true });
    try {
      await rename(path, target);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries === TRIES) throw error;
    }
  }
}

/** Removes a folder, and those above it, as far as nothing is in them. */
async function removeEmpty(folder: string, root: string): Promise<void> {
  for (let empty = folder; empty !== root; empty = dirname(empty)) {
    try {
      await rmdir(empty);
    } catch {
      return;
    }
  }
}

function noneThere(): null {
  return null;
}

async function* entriesBelow(root: string, folder: string): AsyncGenerator<BlobEntry> {
  const found = await opendir(folder).catch(unlessGone);
  if (!found) return;
  for await (const entry of found) {
    // The store's own: what is being written, and soon gone.
    if (folder === root && entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* entriesBelow(root, path);
    else if (entry.isFile()) {
      const state = await stat(path).catch(unlessGone);
      if (state) {
        yield { key: relative(root, path), bytes: state.size, changedAt: state.mtimeMs };
      }
    }
  }
}

/** Others write, and tidy, meanwhile. */
function unlessGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
