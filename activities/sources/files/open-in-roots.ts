import { constants } from 'node:fs';
import { lstat, open, readlink, realpath, type FileHandle } from 'node:fs/promises';
import { join, normalize, sep } from 'node:path';

import { Failure } from '../../../schemas/failure.ts';
import { nearbyNames } from './nearby-names.ts';
import { checkPath, pathNotAllowed } from './path-rules.ts';

/** An open file that was proven to be a regular file below a data root. */
export interface ProvenFile {
  readonly handle: FileHandle;
  /** Where the descriptor really points. */
  readonly realPath: string;
  /** In bytes, when it was opened. */
  readonly size: number;
}

/**
 * Opens a file for reading and proves on the open descriptor, so that no swap of names can come
 * between, that it is a regular file under one of the roots and not too large. A relative path is
 * looked for in each root in turn; an absolute one must lie in a root.
 * @param roots absolute paths; one that does not exist is passed over
 * @throws Failure PATH_NOT_ALLOWED, FILE_NOT_FOUND, FILE_UNREADABLE or BYTE_LIMIT
 */
export async function openInRoots(
  path: string,
  roots: readonly string[],
  maxBytes: number,
): Promise<ProvenFile> {
  checkPath(path);
  const realRoots = await existing(roots);
  for (const candidate of candidates(path, [...roots, ...realRoots])) {
    const handle = await openQuietly(candidate);
    if (!handle) continue;
    try {
      return await prove(handle, candidate, realRoots, maxBytes);
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

/** True when `path` is `root` or lies below it; both absolute and normalised. */
export function isWithin(path: string, root: string): boolean {
  const folder = root.endsWith(sep) ? root : root + sep;
  return path === root || path.startsWith(folder);
}

async function existing(roots: readonly string[]): Promise<string[]> {
  const real = await Promise.all(roots.map((root) => realpath(root).catch(() => undefined)));
  return real.filter((root) => root !== undefined);
}

function candidates(path: string, roots: readonly string[]): string[] {
  if (!path.startsWith('/')) return [...new Set(roots.map((root) => join(root, path)))];
  const absolute = normalize(path);
  if (!roots.some((root) => isWithin(absolute, root))) throw outside();
  return [absolute];
}

/** Opens without waiting (a FIFO would block) and without following anything but names. */
async function openQuietly(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    switch ((error as NodeJS.ErrnoException).code) {
      case 'ENOENT':
      case 'ENOTDIR':
        return undefined;
      case 'ELOOP':
        throw outside();
      case 'ENAMETOOLONG':
        throw pathNotAllowed('The path is too long.');
      case 'EACCES':
      case 'EPERM':
        throw unreadable(
          'The worker may not read the file.',
          'Give its user the right to read it.',
        );
      default:
        throw notRegular();
    }
  }
}

async function prove(
  handle: FileHandle,
  path: string,
  realRoots: readonly string[],
  maxBytes: number,
): Promise<ProvenFile> {
  const realPath = await pathOf(handle, path);
  if (!realRoots.some((root) => isWithin(realPath, root))) throw outside();
  const { size, isRegular } = await handle
    .stat()
    .then((stat) => ({ size: stat.size, isRegular: stat.isFile() }));
  if (!isRegular) throw notRegular();
  if (size === 0) throw unreadable('The file is empty.', 'Give a file with data.');
  if (size > maxBytes) throw tooLarge(maxBytes);
  return { handle, realPath, size };
}

/** The path that an open descriptor points to. Where there is no /proc, the name is resolved and compared by inode. */
async function pathOf(handle: FileHandle, path: string): Promise<string> {
  const linked = await readlink(`/proc/self/fd/${handle.fd}`).catch(() => undefined);
  if (linked !== undefined) return linked;
  const resolved = await realpath(path);
  const [named, opened] = await Promise.all([lstat(resolved), handle.stat()]);
  if (named.dev !== opened.dev || named.ino !== opened.ino) throw outside();
  return resolved;
}

/** The failure for a file above the limit. */
export function tooLarge(maxBytes: number): Failure {
  return new Failure(
    'BYTE_LIMIT',
    `The file is larger than ${maxBytes} bytes.`,
    'Give a smaller file, or raise max_bytes in limits up to the server’s own limit.',
  );
}

function outside(): Failure {
  return pathNotAllowed('The path leads outside the server’s data roots.');
}

function notRegular(): Failure {
  return unreadable(
    'The path does not name a regular file.',
    'Name a file, not a folder or device.',
  );
}

function unreadable(message: string, hint: string): Failure {
  return new Failure('FILE_UNREADABLE', message, hint);
}
