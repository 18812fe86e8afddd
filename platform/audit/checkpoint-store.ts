import { randomUUID } from 'node:crypto';
import { access, link, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import type { Config } from '../../schemas/config.ts';
import { Failure } from '../../schemas/failure.ts';
import { S3_ADDRESS } from '../storage/s3-bucket.ts';
import { storageFull } from '../storage/storage-full.ts';
import { missingCheckpoint } from './missing-checkpoint.ts';
import { createS3Store } from './s3-store.ts';

/**
 * Where signed checkpoints and the public keys lie, outside the database. What has a name is never written
 * again: a write-once medium will do. Methods throw Failure AUDIT_UNAVAILABLE or STORAGE_FULL.
 */
export interface CheckpointStore {
  /** Writes a text under a name (`<chain>/<size>.json`, `keys/<id>.json`); one that is there already stays. */
  put(name: string, text: string): Promise<void>;
  /** The names that begin with a prefix, sorted. */
  list(prefix: string): Promise<string[]>;
  /** @throws Failure BLOB_MISSING */
  get(name: string): Promise<string>;
}

/** The store of AUDIT_CHECKPOINTS. */
export function openCheckpointStore({
  auditCheckpoints: place,
  AUDIT_OBJECT_LOCK_DAYS: lockDays,
}: Pick<Config, 'auditCheckpoints' | 'AUDIT_OBJECT_LOCK_DAYS'>): CheckpointStore {
  return S3_ADDRESS.test(place)
    ? createS3Store(place, { lockDays })
    : createFolderStore(resolve(place));
}

/** A folder, which may be mounted from a medium that can't be rewritten. */
export function createFolderStore(folder: string): CheckpointStore {
  return {
    async put(name, text) {
      await writeOnce(join(folder, name), text).catch((error: unknown) => {
        throw storageFull(error, 'AUDIT_CHECKPOINTS') ?? unusable(folder, error);
      });
    },
    async list(prefix) {
      const names = await readdir(folder, { recursive: true }).catch((error: unknown) => {
        if (isMissing(error)) return [];
        throw unusable(folder, error);
      });
      return names.filter((name) => name.startsWith(prefix) && name.endsWith('.json')).sort();
    },
    async get(name) {
      return readFile(join(folder, name), 'utf8').catch((error: unknown) => {
        throw isMissing(error) ? missingCheckpoint(name, error) : unusable(folder, error);
      });
    },
  };
}

async function writeOnce(path: string, text: string): Promise<void> {
  // The public keys come again with each checkpoint.
  if (await isThere(path)) return;
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
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

const isMissing = (error: unknown): boolean =>
  (error as NodeJS.ErrnoException | null)?.code === 'ENOENT';

function unusable(folder: string, cause: unknown): Failure {
  return new Failure(
    'AUDIT_UNAVAILABLE',
    `The folder of the audit’s checkpoints, ${folder}, can’t be used.`,
    'Set AUDIT_CHECKPOINTS to a folder that this process can read and write, or to s3://bucket/prefix.',
    { cause },
  );
}
