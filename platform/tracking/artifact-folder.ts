import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { storageFull } from '../storage/storage-full.ts';
import type { ArtifactUpload } from './artifacts.ts';

/**
 * Writes an artifact straight into the folder that MLflow's artifact proxy serves: the same file as a
 * PUT would leave there, without the request. It appears under its name only when it is whole.
 * @param path below the folder: names between single slashes
 * @throws Failure STORAGE_FULL
 */
export async function writeIntoFolder(
  folder: string,
  path: string,
  content: ArtifactUpload['content'],
): Promise<void> {
  const target = join(folder, path);
  const draft = join(dirname(target), `.${randomUUID()}`);
  try {
    await mkdir(dirname(target), { recursive: true });
    if (content instanceof Uint8Array) await writeFile(draft, content);
    else await copyFile(content.file, draft);
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true });
    throw storageFull(error, 'MLFLOW_ARTIFACTS_FOLDER') ?? error;
  }
}
