import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';

import type { BlobRef } from '../../schemas/source.ts';
import type { BlobSealing } from './blob-sealing.ts';
import type { BlobStore } from './blob-store.ts';
import { lostBlob } from './lost-blob.ts';
import { createScratchFolders } from './scratch-folders.ts';
import { isSealed, openSealedFile, SealedFileError, sealFile } from './sealed-file.ts';
import { whileThereIsRoom } from './storage-full.ts';

/** Read at once: a fresh buffer for each piece would keep the garbage collector busy. */
const PIECE_BYTES = 1 << 20;

/** SHA-256 (hex) of a file's bytes. */
async function sha256OfFile(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const buffer = Buffer.allocUnsafeSlow(Math.max(1, Math.min(size, PIECE_BYTES)));
    const hash = createHash('sha256');
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.byteLength, null);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

/** Files whose hash was checked and is remembered. */
const MOST_CHECKED = 10_000;

/** What changes whenever anybody writes to a file, even in place. */
interface FileState {
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

/** Remembers which hash a file had in which state: the next step need not read gigabytes again. */
function createHashMemory() {
  const known = new Map<string, string>();
  const entryOf = (sha256: string, { ino, size, mtimeNs, ctimeNs }: FileState): string =>
    [sha256, ino, size, mtimeNs, ctimeNs].join(' ');
  return {
    holds: (path: string, sha256: string, state: FileState): boolean =>
      known.get(path) === entryOf(sha256, state),
    remember(path: string, sha256: string, state: FileState): void {
      if (known.size >= MOST_CHECKED) known.clear();
      known.set(path, entryOf(sha256, state));
    },
  };
}

function noneWithoutFolder(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT') return [];
  throw error;
}

/** Keys are ours, but a workflow id in them may be a caller's: nothing in a key may climb out. */
function checkedKey(key: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*(\/[A-Za-z0-9][A-Za-z0-9_.-]*)*$/.test(key)) {
    throw new TypeError('each part of a blob key is letters, digits, dots, dashes and underscores');
  }
  return key;
}

/**
 * A blob store in a folder. A blob appears under its key only when it is whole and on the disk. Refs are
 * those of the content, encrypted or not; an encrypted blob is opened into a scratch folder while it is used.
 */
export function createFileStore(folder: string, sealing?: BlobSealing): BlobStore {
  const root = resolve(folder);
  const scratch = createScratchFolders(join(root, '.scratch'));
  const pathOf = (key: string): string => join(root, checkedKey(key));

  async function publish(key: string, plain: string): Promise<void> {
    const target = pathOf(key);
    const path = sealing?.encrypts ? `${plain}.sealed` : plain;
    if (sealing?.encrypts) {
      await sealFile(plain, path, { key: await sealing.keyring.first(), name: key });
      await rm(plain);
    }
    await mkdir(dirname(target), { recursive: true });
    const file = await open(path, 'r');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(path, target);
  }

  const checked = createHashMemory();
  const stateOf = (path: string): Promise<FileState> => stat(path, { bigint: true });

  async function verified(ref: BlobRef): Promise<string> {
    const path = pathOf(ref.key);
    const found = await stateOf(path).catch(() => undefined);
    if (!found) throw lostBlob('BLOB_MISSING', ref.key);
    if (checked.holds(path, ref.sha256, found)) return path;
    if (found.size !== BigInt(ref.bytes) || (await sha256OfFile(path)) !== ref.sha256) {
      throw lostBlob('BLOB_CORRUPT', ref.key);
    }
    checked.remember(path, ref.sha256, found);
    return path;
  }

  /** Calls `use` with the opened copy of an encrypted blob, or with the path of a plain one. */
  async function opened<T>(
    key: string,
    { plain, sealed }: Record<'plain' | 'sealed', (path: string) => Promise<T>>,
  ): Promise<T> {
    const path = pathOf(key);
    if (!sealing || !(await isSealed(path).catch(() => false))) return plain(path);
    return store.withScratch(async (folder) => {
      const copy = join(folder, 'blob');
      await openSealedFile(path, copy, { keyring: sealing.keyring, name: key });
      return sealed(copy);
    });
  }

  const store: BlobStore = {
    async putBytes(name, bytes) {
      return store.withScratch(async (folder) => {
        const path = join(folder, 'blob');
        const file = await open(path, 'wx', 0o600);
        try {
          await file.writeFile(bytes);
        } finally {
          await file.close();
        }
        return store.putFile(name, path);
      });
    },
    async putFile(name, path) {
      const { size } = await stat(path);
      const sha256 = await sha256OfFile(path);
      const key = `${name}.${sha256.slice(0, 32)}`;
      await whileThereIsRoom(publish(key, path));
      if (!sealing?.encrypts) checked.remember(pathOf(key), sha256, await stateOf(pathOf(key)));
      return { key, sha256, bytes: size };
    },
    async withFile(ref, use) {
      try {
        return await opened(ref.key, {
          plain: async () => use(await verified(ref)),
          async sealed(copy) {
            const { size } = await stat(copy);
            if (size === ref.bytes && (await sha256OfFile(copy)) === ref.sha256) return use(copy);
            throw lostBlob('BLOB_CORRUPT', ref.key);
          },
        });
      } catch (error) {
        throw error instanceof SealedFileError ? lostBlob('BLOB_CORRUPT', ref.key) : error;
      }
    },
    getBytes: (ref) => store.withFile(ref, (path) => readFile(path)),
    replace: (key, path) => whileThereIsRoom(publish(key, path)),
    async withReplaceable(key, use) {
      const found = await stat(pathOf(key)).catch(() => undefined);
      if (!found) return use(null);
      try {
        return await opened(key, { plain: use, sealed: use });
      } catch (error) {
        // A damaged one counts as none.
        if (error instanceof SealedFileError) return use(null);
        throw error;
      }
    },
    async remove(key) {
      await rm(pathOf(key), { force: true });
    },
    async list(prefix) {
      const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
      if (folder !== '') checkedKey(folder.slice(0, -1));
      const below = { recursive: true, withFileTypes: true } as const;
      const entries = await readdir(join(root, folder), below).catch(noneWithoutFolder);
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => relative(root, join(entry.parentPath, entry.name)))
        .filter((key) => key.startsWith(prefix) && !key.startsWith('.'))
        .sort();
    },
    withScratch: (use) => whileThereIsRoom(scratch.withFolder(use)),
    sweepScratch: () => scratch.sweep(),
  };
  return store;
}
