import { constants, existsSync } from 'node:fs';
import { open, opendir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { shownNames } from '../shown-name.ts';
import { likelyMeant } from '../../../platform/spelling.ts';
import { pathOf } from './descriptor-path.ts';
import { isWithin } from './path-rules.ts';

const MOST_ENTRIES = 1_000;
const DATA_FILE = /\.(csv|parquet|pq|sqlite3?|db)$/i;

/** A hint for a file that is not there: what it may have been meant to be, or what lies beside it. */
export async function nearbyNames(path: string, realRoots: readonly string[]): Promise<string> {
  for (const root of realRoots) {
    const folder = dirname(path.startsWith('/') ? path : join(root, path));
    const names = await fileNames(folder, realRoots);
    if (names.length === 0) continue;
    const meant = likelyMeant(basename(path), names);
    if (meant.length > 0) return `Did you mean ${shownNames(meant)}?`;
    const data = names.filter((name) => DATA_FILE.test(name)).sort();
    if (data.length > 0) return `The data files there are ${shownNames(data)}.`;
  }
  return 'Paths are relative to the server’s data roots (DATA_ROOTS).';
}

/** Lists the folder that was opened, and no other one that may have taken its name. */
async function fileNames(folder: string, realRoots: readonly string[]): Promise<string[]> {
  const names: string[] = [];
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY).catch(() => null);
  try {
    const real = handle && (await pathOf(handle, folder));
    if (!real || !realRoots.some((root) => isWithin(real, root))) return names;
    const opened = existsSync('/proc/self/fd') ? `/proc/self/fd/${handle.fd}` : real;
    for await (const entry of await opendir(opened)) {
      if (names.length === MOST_ENTRIES) break;
      if (!entry.isDirectory() && !entry.name.startsWith('.')) names.push(entry.name);
    }
  } catch {
    // No such folder, or not ours to list: then there is no hint to give.
  } finally {
    await handle?.close();
  }
  return names;
}
