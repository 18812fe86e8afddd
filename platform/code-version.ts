import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import packageJson from '../package.json' with { type: 'json' };

/** The version of the code that runs: the package's, with the commit where it is a git checkout. */
export async function readCodeVersion(): Promise<string> {
  const root = new URL('..', import.meta.url).pathname;
  try {
    const { stdout } = await promisify(execFile)(
      'git',
      ['describe', '--always', '--dirty', '--abbrev=12'],
      {
        cwd: root,
        timeout: 2000,
      },
    );
    return `${packageJson.version}+${stdout.trim()}`;
  } catch {
    return packageJson.version;
  }
}
