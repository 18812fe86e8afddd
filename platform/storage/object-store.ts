/** What lies under a key. */
export interface BlobEntry {
  readonly key: string;
  /** As it is stored: encrypted blobs are a little longer. */
  readonly bytes: number;
  /** Milliseconds since the epoch at which it was last written, by the clock of the store. */
  readonly changedAt: number;
}

/** Whether a key always has the same content, so that a copy of it is as good. */
export type Constancy = 'fixed' | 'changing';

/** Where the files of a blob store lie, as they are stored: a blob store hashes and encrypts them. */
export interface ObjectStore {
  /**
   * Puts a file at `key`, whole or not at all, in the place of what was there; takes the file away.
   * @returns where it lies on this machine now, if it does
   */
  put(key: string, path: string, constancy: Constancy): Promise<string | undefined>;
  /** Calls `use` with a local path of what lies at `key`; with null when there is nothing. */
  withFile<T>(
    key: string,
    constancy: Constancy,
    use: (path: string | null) => Promise<T>,
  ): Promise<T>;
  /** Lets go of a local copy that has turned out damaged. @returns false when there is but the original */
  renew(key: string): Promise<boolean>;
  remove(key: string): Promise<void>;
  /** When what lies at `key` was last written, in milliseconds since the epoch; undefined for nothing. */
  changedAt(key: string): Promise<number | undefined>;
  /** What lies under the keys that begin with a prefix, in any order. */
  entries(prefix: string): AsyncIterable<BlobEntry>;
}

/** Keys are ours, but a workflow id in them may be a caller's: nothing in a key may climb out. */
export function checkedKey(key: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*(\/[A-Za-z0-9][A-Za-z0-9_.-]*)*$/.test(key)) {
    throw new TypeError('each part of a blob key is letters, digits, dots, dashes and underscores');
  }
  return key;
}

/** The folder that a prefix names, with its slash; empty for the whole store. */
export function folderOf(prefix: string): string {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  if (folder !== '') checkedKey(folder.slice(0, -1));
  return folder;
}
