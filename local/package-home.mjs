// Plain JavaScript: the launcher needs it before the packages, and so Node 24, are there.
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

import { InstallError } from './install.mjs';

/** Written by ops/package/emit.ts: a hash of all that is in the package. */
const BUILD_ID = 'build-id';

/**
 * Where a package runs: its own folder may be nobody's to write to, and npm would run install scripts there that
 * fail on many machines. So each build has a folder in the user's cache, a copy of its own with `node_modules`.
 * @param {string} root the package's folder
 * @param {Readonly<Record<string, string | undefined>>} env
 * @returns {string} the folder, which may not exist yet
 */
export function homeOfPackage(root, env) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const build = readFileSync(join(root, BUILD_ID), 'utf8').trim();
  const cache = env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(cache, 'durable-experiments', `${version}-${build}`);
}

/**
 * Copies `root` to `home`, whole or not at all; a copy that is there already is left as it is.
 * @param {string} root
 * @param {string} home
 * @throws InstallError where it can't be written
 */
export function copyPackage(root, home) {
  if (existsSync(join(home, BUILD_ID))) return;
  const draft = `${home}.${process.pid}`;
  try {
    mkdirSync(dirname(home), { recursive: true, mode: 0o700 });
    cpSync(root, draft, { recursive: true });
    renameSync(draft, home);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Another process was quicker.
    if (existsSync(join(home, BUILD_ID))) return;
    throw new InstallError(
      `${dirname(home)}, where the product installs what it needs, can’t be written (${error.code}). Set XDG_CACHE_HOME to a folder with room for 1 GB that this user may write to.`,
    );
  }
}
