import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

/** What nobody has asked for that long goes: an erased blob shall not lie on a worker's disk for good. */
const IDLE_MS = 3_600_000;

interface Kept {
  readonly path: string;
  /** Whether there is anything at the key; undefined until it is known. */
  found: boolean | undefined;
  /** Ends when it is known. */
  readonly fetched: Promise<void>;
  bytes: number;
  /** Calls that have its path now. */
  users: number;
  usedAt: number;
}

export interface CacheOptions {
  /** Of this process alone; it may vanish at any time. */
  readonly folder: string;
  readonly maxBytes: number;
  readonly now?: () => number;
}

/** Writes what lies at a key to a path. @returns false when there is nothing */
export type Fetch = (path: string) => Promise<boolean>;

/**
 * Local copies of what lies elsewhere. Together they have at most so many bytes, but for those in use:
 * the least recently used go first, one in use never.
 */
export function createBlobCache({ folder, maxBytes, now = Date.now }: CacheOptions) {
  /** In the order of their last use. */
  const kept = new Map<string, Kept>();
  let timer: NodeJS.Timeout | undefined;

  async function newPath(): Promise<string> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return join(folder, randomUUID());
  }

  /** Whoever tidies up goes by the folder's age where he can't see our process. */
  const touch = (): Promise<void> =>
    utimes(folder, now() / 1000, now() / 1000).catch(() => undefined);

  /** Those who still use it keep the file; its last user takes it away. */
  async function forget(key: string, file: Kept): Promise<void> {
    if (kept.get(key) === file) kept.delete(key);
    if (file.users === 0) await rm(file.path, { force: true });
  }

  async function trim(): Promise<void> {
    let total = 0;
    for (const { bytes } of kept.values()) total += bytes;
    const oldest = now() - IDLE_MS;
    for (const [key, file] of [...kept]) {
      if (file.users > 0 || (total <= maxBytes && file.usedAt > oldest)) continue;
      total -= file.bytes;
      await forget(key, file);
    }
    if (kept.size === 0) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      void trim().catch(() => undefined);
    }, IDLE_MS).unref();
  }

  /** What is kept for a key, with one more user: its own, or what somebody else fetches just now. */
  async function acquired(key: string, fetch: Fetch): Promise<Kept> {
    const known = kept.get(key);
    // The disk may have been wiped.
    if (known?.found && !existsSync(known.path)) await forget(key, known);
    const path = kept.has(key) ? '' : await newPath();
    const other = kept.get(key);
    if (other) {
      other.users += 1;
      return other;
    }
    const filled = async (): Promise<void> => {
      file.found = await fetch(path);
      if (file.found) file.bytes = (await stat(path)).size;
    };
    const usage = { found: undefined, bytes: 0, users: 1, usedAt: now() };
    const file: Kept = { path, fetched: Promise.resolve().then(filled), ...usage };
    kept.set(key, file);
    return file;
  }

  async function release(key: string, file: Kept): Promise<void> {
    file.users -= 1;
    file.usedAt = now();
    if (kept.get(key) === file && file.found) {
      kept.delete(key);
      kept.set(key, file);
    } else await forget(key, file);
    await trim();
  }

  return {
    /** Calls `use` with a path of what lies at `key`, which is fetched once, or with null. */
    async withFile<T>(
      key: string,
      fetch: Fetch,
      use: (path: string | null) => Promise<T>,
    ): Promise<T> {
      const file = await acquired(key, fetch);
      try {
        await file.fetched;
        await touch();
        return await use(file.found ? file.path : null);
      } finally {
        await release(key, file);
      }
    },
    /** Takes in a file that lies at `key` elsewhere. @returns where it lies here, if it is kept */
    async adopt(key: string, path: string): Promise<string | undefined> {
      const before = kept.get(key);
      if (before) await forget(key, before);
      const { size: bytes } = await stat(path);
      if (bytes > maxBytes) {
        await rm(path, { force: true });
        return undefined;
      }
      const file = { path: await newPath(), fetched: Promise.resolve() };
      await rename(path, file.path);
      kept.set(key, { ...file, found: true, bytes, users: 0, usedAt: now() });
      await trim();
      return file.path;
    },
    /** @returns whether there was a copy */
    async drop(key: string): Promise<boolean> {
      const file = kept.get(key);
      if (file) await forget(key, file);
      return file !== undefined;
    },
  };
}

export type BlobCache = ReturnType<typeof createBlobCache>;
