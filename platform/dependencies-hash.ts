import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** SHA-256 (hex) of the lock file, which names every library with its version; of package.json where it is left out. */
export async function readDependenciesHash(): Promise<string> {
  const root = new URL('..', import.meta.url);
  const lock = readFile(new URL('package-lock.json', root));
  return hash('sha256', await lock.catch(() => readFile(new URL('package.json', root))));
}
