import type { BlobRef } from '../../schemas/source.ts';
import type { BlobEntry } from './object-store.ts';

/**
 * Where data too big for Temporal's history lies. A blob's key ends in its content's hash, so that
 * two attempts of a step can never write different things under one key; the hash is checked on
 * every read. Whatever writes throws STORAGE_FULL when the disk takes no more; where the blobs lie in S3, all
 * of it throws STORAGE_UNAVAILABLE while that is away, and SETUP_FAILED when it refuses us.
 */
export interface BlobStore {
  /** Stores bytes under `name` (may hold slashes) and their hash. */
  putBytes(name: string, bytes: Uint8Array): Promise<BlobRef>;
  /** Stores a finished local file likewise and takes the file away. */
  putFile(name: string, path: string): Promise<BlobRef>;
  /**
   * Calls `use` with a local path that holds the blob's bytes, checked against the hash.
   * The path is only good until `use` has ended; nobody may write to it.
   * @throws Failure BLOB_MISSING or BLOB_CORRUPT
   */
  withFile<T>(ref: BlobRef, use: (path: string) => Promise<T>): Promise<T>;
  /**
   * Puts a finished local file at `key`, in the place of what was there, and takes the file away. The
   * only blobs that change: whoever reads them has to prove them.
   */
  replace(key: string, path: string): Promise<void>;
  /** Calls `use` with a local path of what `replace` put at `key`; with null when there is nothing. */
  withReplaceable<T>(key: string, use: (path: string | null) => Promise<T>): Promise<T>;
  /** Removes what lies at `key`, if there is anything: only what nobody else refers to. */
  remove(key: string): Promise<void>;
  /** The same for what was last written before a time, in milliseconds since the epoch. @returns whether it was */
  removeOlder(key: string, before: number): Promise<boolean>;
  /** The keys that begin with a prefix, sorted: of what lies below a folder, or of one name. */
  list(prefix: string): Promise<string[]>;
  /** What lies under the keys that begin with a prefix, in any order, one after another. */
  entries(prefix: string): AsyncIterable<BlobEntry>;
  /** The whole blob, checked: for small ones. */
  getBytes(ref: BlobRef): Promise<Buffer>;
  /** A fresh folder for a step's temporary files, on a disk of this machine; removed afterwards. */
  withScratch<T>(use: (folder: string) => Promise<T>): Promise<T>;
  /** Removes the folders of `withScratch` that killed processes left behind. */
  sweepScratch(): Promise<void>;
}
