import { createHash } from 'node:crypto';
import { mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { Failure } from '../../../schemas/failure.ts';
import { storageFull } from '../../storage/storage-full.ts';
import type { Manifest } from './manifest.ts';

/** A folder that an export is written into, file after file. */
export interface ExportFolder {
  readonly path: string;
  /** What has been written, as the manifest tells it. */
  readonly files: Manifest['files'];
  /** Writes a file of parts, however long it becomes. @returns its SHA-256, hex */
  write(name: string, parts: Iterable<string> | AsyncIterable<string>): Promise<string>;
}

/** Parts are gathered up to so many characters. */
const AT_ONCE = 1 << 16;

/** Makes the folder. @throws Failure INVALID_REQUEST when there is something in it already */
export async function createExportFolder(path: string): Promise<ExportFolder> {
  await mkdir(path, { recursive: true });
  if ((await readdir(path)).length > 0) {
    throw new Failure(
      'INVALID_REQUEST',
      `${path} is not empty.`,
      'An export has a folder to itself: name another with --out.',
    );
  }
  const files: { name: string; sha256: string; bytes: number }[] = [];
  return {
    path,
    files,
    async write(name, parts) {
      const hash = createHash('sha256');
      let bytes = 0;
      // Whole prompts and data may be in it.
      const file = await open(join(path, name), 'wx', 0o600);
      try {
        let gathered = '';
        const flush = async (): Promise<void> => {
          const chunk = Buffer.from(gathered);
          gathered = '';
          hash.update(chunk);
          bytes += chunk.byteLength;
          await file.writeFile(chunk);
        };
        for await (const part of parts) {
          gathered += part;
          if (gathered.length > AT_ONCE) await flush();
        }
        await flush();
      } catch (error) {
        throw storageFull(error, 'the export') ?? error;
      } finally {
        await file.close();
      }
      const sha256 = hash.digest('hex');
      files.push({ name, sha256, bytes });
      return sha256;
    },
  };
}
