import { lstat, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';

import { isWithin, outsideRoots } from './path-rules.ts';
import { nothingThere } from './unreadable-file.ts';

/**
 * Where an absolute path leads when its links are followed; undefined when nothing is there. What
 * lies outside the roots is answered the same whether it exists or not.
 * @param realRoots roots without links in them
 * @throws Failure PATH_NOT_ALLOWED or FILE_UNREADABLE
 */
export async function resolveInRoots(
  path: string,
  realRoots: readonly string[],
): Promise<string | undefined> {
  try {
    const real = await realpath(path);
    if (realRoots.some((root) => isWithin(real, root))) return real;
  } catch (error) {
    const folder = dirname(path);
    if (folder !== path && !(await isLink(path))) {
      await resolveInRoots(folder, realRoots);
      return nothingThere((error as NodeJS.ErrnoException).code);
    }
  }
  throw outsideRoots();
}

/** A link that leads nowhere may lead anywhere. */
async function isLink(path: string): Promise<boolean> {
  return lstat(path).then(
    (stat) => stat.isSymbolicLink(),
    () => false,
  );
}
