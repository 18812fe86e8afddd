import { link, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { randomUUID } from 'node:crypto';

import type { Config } from '../../schemas/config.ts';

/**
 * Where signed checkpoints and the public keys lie, outside the database. What has a name is never written
 * again: a write-once medium will do.
 */
export interface CheckpointStore {
  /** Writes a text under a name (`<chain>/<size>.json`, `keys/<id>.json`); one that is there already stays. */
  put(name: string, text: string): Promise<void>;
  /** The names that begin with a prefix, sorted. */
  list(prefix: string): Promise<string[]>;
  get(name: string): Promise<string>;
}

/** The store of AUDIT_CHECKPOINTS. */
export function openCheckpointStore({
  auditCheckpoints,
}: Pick<Config, 'auditCheckpoints'>): CheckpointStore {
  return createFolderStore(resolve(auditCheckpoints));
}

/** A folder, which may be mounted from a medium that can't be rewritten. */
export function createFolderStore(folder: string): CheckpointStore {
  return {
    async put(name, text) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      const draft = `${path}.${randomUUID()}`;
      const file = await open(draft, 'wx', 0o644);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      try {
        // Appears whole or not at all, and takes nobody’s place.
        await link(draft, path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      } finally {
        await rm(draft, { force: true });
      }
    },
    async list(prefix) {
      const names = await readdir(folder, { recursive: true }).catch(() => []);
      return names.filter((name) => name.startsWith(prefix) && name.endsWith('.json')).sort();
    },
    get: (name) => readFile(join(folder, name), 'utf8'),
  };
}
