import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { TEST_STATE } from '../support/test-environment.ts';

const run = promisify(execFile);

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** All that `npm pack` may look at: in a tree without tests it can't take one along. */
const PACKED = [
  ...['activities', 'cli', 'examples', 'learning', 'local', 'ops', 'platform', 'schemas', 'server'],
  ...['workflows', 'package.json', 'package-lock.json', 'tsconfig.json', 'README.md', 'LICENSE'],
];

/**
 * Packs the product as its publisher does, and unpacks it into `folder`/package. In a copy, as npm changes
 * package.json meanwhile; below the project, so that the copy finds its libraries.
 * @returns the tarball
 */
export async function pack(folder: string): Promise<string> {
  await mkdir(TEST_STATE, { recursive: true });
  const tree = await mkdtemp(join(TEST_STATE, 'package-'));
  try {
    for (const name of PACKED) await cp(join(ROOT, name), join(tree, name), { recursive: true });
    // As if `npm ci` had run there.
    await cp(
      join(ROOT, 'node_modules', '.install-stamp'),
      join(tree, 'node_modules', '.install-stamp'),
    );
    const pack = ['pack', '--silent', '--pack-destination', folder];
    const { stdout } = await run('npm', pack, { cwd: tree });
    const tarball = join(folder, stdout.trim());
    await run('tar', ['-xzf', tarball, '-C', folder]);
    return tarball;
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}
