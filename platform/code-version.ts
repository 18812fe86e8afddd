import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import packageJson from '../package.json' with { type: 'json' };

/** The version of the code that runs: the package's, with the commit where it is a git checkout. */
export async function readCodeVersion(): Promise<string> {
  const root = new URL('..', import.meta.url);
  // Elsewhere git would tell of a repository that merely lies around us.
  if (!existsSync(new URL('.git', root))) return packageJson.version;
  try {
    const { stdout } = await promisify(execFile)(
      'git',
      ['describe', '--always', '--dirty', '--abbrev=12'],
      {
        cwd: fileURLToPath(root),
        timeout: 2000,
      },
    );
    return `${packageJson.version}+${stdout.trim()}`;
  } catch {
    return packageJson.version;
  }
}
