import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { BlobRef } from '../../schemas/source.ts';
import { Failure } from '../../schemas/failure.ts';
import type { BlobSealing } from './blob-sealing.ts';
import type { BlobStore } from './blob-store.ts';
import { createHashMemory, sha256OfFile } from './file-hash.ts';
import { lostBlob } from './lost-blob.ts';
import type { ObjectStore } from './object-store.ts';
import type { ScratchFolders } from './scratch-folders.ts';
import { createSealedBlobs } from './sealed-blobs.ts';
import { SealedFileError } from './sealed-file.ts';
import { whileThereIsRoom } from './storage-full.ts';

/**
 * The blob store whose files lie in an object store. Refs are those of the content, encrypted or not; an
 * encrypted blob is opened into a scratch folder while it is used.
 */
export function createBlobsIn(
  objects: ObjectStore,
  { scratch, sealing }: { scratch: ScratchFolders; sealing?: BlobSealing | undefined },
): BlobStore {
  const withScratch: BlobStore['withScratch'] = (use) => whileThereIsRoom(scratch.withFolder(use));
  const blobs = createSealedBlobs(sealing, withScratch);
  const hashes = createHashMemory();

  /** Calls `use` with a path of the content, which was checked. */
  async function checked<T>(ref: BlobRef, use: (path: string) => Promise<T>): Promise<T> {
    const { key, sha256, bytes } = ref;
    const corrupt = (): Failure => lostBlob('BLOB_CORRUPT', key);
    return objects.withFile(key, 'fixed', async (path) => {
      if (path === null) throw lostBlob('BLOB_MISSING', key);
      try {
        return await blobs.opened(key, path, {
          async plain() {
            if (await hashes.holds(path, ref)) return use(path);
            throw corrupt();
          },
          async sealed(copy) {
            const { size } = await stat(copy);
            if (size === bytes && (await sha256OfFile(copy)) === sha256) return use(copy);
            throw corrupt();
          },
        });
      } catch (error) {
        throw error instanceof SealedFileError ? corrupt() : error;
      }
    });
  }

  const store: BlobStore = {
    putBytes: (name, bytes) =>
      withScratch(async (folder) => {
        const path = join(folder, 'blob');
        const file = await open(path, 'wx', 0o600);
        try {
          await file.writeFile(bytes);
        } finally {
          await file.close();
        }
        return store.putFile(name, path);
      }),
    putFile: (name, path) =>
      whileThereIsRoom(
        (async () => {
          const { size: bytes } = await stat(path);
          const sha256 = await sha256OfFile(path);
          const key = `${name}.${sha256.slice(0, 32)}`;
          const lies = await objects.put(key, await blobs.stored(key, path), 'fixed');
          if (lies !== undefined && !blobs.encrypts) await hashes.remember(lies, { sha256, bytes });
          return { key, sha256, bytes };
        })(),
      ),
    async withFile(ref, use) {
      let reached = false;
      const once = (path: string) => {
        reached = true;
        return use(path);
      };
      try {
        return await checked(ref, once);
      } catch (error) {
        const damaged = error instanceof Failure && error.code === 'BLOB_CORRUPT';
        if (reached || !damaged || !(await objects.renew(ref.key))) throw error;
        return checked(ref, once);
      }
    },
    getBytes: (ref) => store.withFile(ref, (path) => readFile(path)),
    replace: (key, path) =>
      whileThereIsRoom(
        (async () => {
          await objects.put(key, await blobs.stored(key, path), 'changing');
        })(),
      ),
    withReplaceable: (key, use) =>
      objects.withFile(key, 'changing', async (path) => {
        if (path === null) return use(null);
        try {
          return await blobs.opened(key, path, { plain: use, sealed: use });
        } catch (error) {
          // A damaged one counts as none.
          if (error instanceof SealedFileError) return use(null);
          throw error;
        }
      }),
    remove: (key) => objects.remove(key),
    async removeOlder(key, before) {
      // A folder and S3 alike can't do both at once; who stores anew within that moment is told that it is missing.
      const changedAt = await objects.changedAt(key);
      const older = changedAt !== undefined && changedAt < before;
      if (older) await objects.remove(key);
      return older;
    },
    async list(prefix) {
      const keys: string[] = [];
      for await (const { key } of objects.entries(prefix)) keys.push(key);
      return keys.sort();
    },
    entries: (prefix) => objects.entries(prefix),
    withScratch,
    sweepScratch: () => scratch.sweep(),
  };
  return store;
}
