import { constants } from 'node:fs';
import { open, realpath, type FileHandle } from 'node:fs/promises';
import { join, normalize } from 'node:path';

import { Failure } from '../../../schemas/failure.ts';
import { pathOf } from './descriptor-path.ts';
import { nearbyNames } from './nearby-names.ts';
import { checkPath, isWithin, outsideRoots } from './path-rules.ts';
import { resolveInRoots } from './resolve-in-roots.ts';
import { notRegular, nothingThere, unreadable } from './unreadable-file.ts';

/** An open file that was proven to be a regular file below a data root. */
export interface ProvenFile {
  readonly handle: FileHandle;
  /** Where the descriptor really points. */
  readonly realPath: string;
  /** In bytes, when it was opened. */
  readonly size: number;
}

/** What keeps a path inside the roots: its text, then what its name leads to, then what was opened. */
export interface PathLayers {
  readonly text: (path: string, roots: readonly string[]) => void;
  readonly name: (path: string, realRoots: readonly string[]) => Promise<string | undefined>;
  readonly descriptor: (realPath: string, realRoots: readonly string[]) => void;
}

/** Each of them holds without the others, against names that nobody swaps; the last against those, too. */
export const PATH_LAYERS: PathLayers = {
  text(path, roots) {
    checkPath(path);
    if (path.startsWith('/')) demandWithin(normalize(path), roots);
  },
  name: resolveInRoots,
  descriptor: demandWithin,
};

/**
 * Opens a file for reading and proves on the open descriptor, so that no swap of names can come
 * between, that it is a regular file under one of the roots and not too large. A relative path is
 * looked for in each root in turn; an absolute one must lie in a root. A hard link counts as the file
 * it is: Linux lets only those make one who may read and write the file anyway.
 * @param roots absolute paths; one that does not exist is passed over
 * @param layers for tests, which take one away
 * @throws Failure PATH_NOT_ALLOWED, FILE_NOT_FOUND, FILE_UNREADABLE or BYTE_LIMIT
 */
export async function openInRoots(
  path: string,
  roots: readonly string[],
  maxBytes: number,
  layers: PathLayers = PATH_LAYERS,
): Promise<ProvenFile> {
  const realRoots = await existing(roots);
  layers.text(path, [...roots, ...realRoots]);
  const candidates = path.startsWith('/')
    ? [normalize(path)]
    : [...new Set(realRoots.map((root) => join(root, path)))];
  for (const candidate of candidates) {
    const real = await layers.name(candidate, realRoots);
    const handle = real === undefined ? undefined : await openQuietly(real);
    if (real === undefined || !handle) continue;
    try {
      const realPath = await pathOf(handle, real);
      layers.descriptor(realPath, realRoots);
      return { handle, realPath, size: await sizeOf(handle, maxBytes) };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }
  throw new Failure(
    'FILE_NOT_FOUND',
    'There is no such file in the data roots.',
    await nearbyNames(path, realRoots),
  );
}

function demandWithin(path: string, roots: readonly string[]): void {
  if (!roots.some((root) => isWithin(path, root))) throw outsideRoots();
}

async function existing(roots: readonly string[]): Promise<string[]> {
  const real = await Promise.all(roots.map((root) => realpath(root).catch(() => undefined)));
  return real.filter((root) => root !== undefined);
}

/** Opens without waiting (a FIFO would block); links were followed before, none may have come since. */
async function openQuietly(path: string): Promise<FileHandle | undefined> {
  const { O_RDONLY, O_NONBLOCK, O_NOCTTY, O_NOFOLLOW } = constants;
  try {
    return await open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A link that has come since.
    if (code === 'ELOOP') throw outsideRoots();
    return nothingThere(code);
  }
}

async function sizeOf(handle: FileHandle, maxBytes: number): Promise<number> {
  const stat = await handle.stat();
  if (!stat.isFile()) throw notRegular();
  if (stat.size === 0) throw unreadable('The file is empty.', 'Give a file with data.');
  if (stat.size > maxBytes) throw tooLarge(maxBytes);
  return stat.size;
}

/** The failure for a file above the limit. */
export function tooLarge(maxBytes: number): Failure {
  return new Failure(
    'BYTE_LIMIT',
    `The file is larger than ${maxBytes} bytes.`,
    'Give a smaller file, or raise max_bytes in limits up to the server’s own limit.',
  );
}
