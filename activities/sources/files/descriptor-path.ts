import { lstat, readlink, realpath, type FileHandle } from 'node:fs/promises';

import { outsideRoots } from './path-rules.ts';

/**
 * The path that an open descriptor points to. Where there is no /proc, the name is resolved and
 * compared by inode. @throws Failure PATH_NOT_ALLOWED when the name means another file by now
 */
export async function pathOf(handle: FileHandle, path: string): Promise<string> {
  const linked = await readlink(`/proc/self/fd/${handle.fd}`).catch(() => undefined);
  if (linked !== undefined) return linked;
  const resolved = await realpath(path);
  const [named, opened] = await Promise.all([lstat(resolved), handle.stat()]);
  if (named.dev !== opened.dev || named.ino !== opened.ino) throw outsideRoots();
  return resolved;
}
