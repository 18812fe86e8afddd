import { execFile } from 'node:child_process';
import { mkdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Generated files, with what they take on the disk while they are made. */
const DATA_BYTES = {
  'rows-1m.csv': 0.5e9,
  'rows-1m.parquet': 0.3e9,
  'rows-1m-3-classes.parquet': 0.3e9,
  'rows-10m.parquet': 1.8e9,
  'texts.json': 0.1e9,
} as const;
export type DataName = keyof typeof DATA_BYTES;

const SCRIPT = fileURLToPath(new URL('generate_data.py', import.meta.url));

export interface DataOptions {
  readonly folder: string;
  readonly python: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** The path of a generated file, made when it is not there. @throws when the disk has no room */
export async function generatedData(name: DataName, options: DataOptions): Promise<string> {
  const { folder, python, signal, say } = options;
  const path = join(folder, name);
  if (await stat(path).catch(() => undefined)) return path;
  await mkdir(folder, { recursive: true });
  await needRoom(folder, DATA_BYTES[name]);
  say(`making ${name}`);
  await promisify(execFile)(python, [SCRIPT, folder, name], { signal });
  return path;
}

/** @throws when `folder`'s disk has fewer bytes free */
export async function needRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < bytes) {
    throw new Error(`${folder} needs ${(bytes / 1e9).toFixed(1)} GB of free disk.`);
  }
}
