import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A folder, or while it is not there yet the nearest one above it that is. */
export async function nearestFolder(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return found || dirname(path) === path ? path : nearestFolder(dirname(path));
}
