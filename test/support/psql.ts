import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { findOnPath } from '../../local/executables.ts';
import { succeeds } from './run-command.ts';

/**
 * Runs a script as the postgres image runs its init scripts: by psql, as the superuser, until the first error.
 * @param environment what the script may read with \getenv
 */
export async function runInitScript(
  script: string,
  server: { readonly port: number; readonly user: string; readonly password: string },
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  const args = [
    ...['--set=ON_ERROR_STOP=1', '--no-psqlrc', '--quiet', '--host=127.0.0.1'],
    ...[`--port=${server.port}`, `--username=${server.user}`, '--dbname=postgres', '--file=-'],
  ];
  const child = spawn(await findPsql(), args, {
    env: { PATH: process.env.PATH, PGPASSWORD: server.password, ...environment },
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  child.stdin.end(script);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`psql ended with ${code}`);
}

/** psql on PATH, installed from Debian’s packages if this user may. */
async function findPsql(): Promise<string> {
  const found = await findOnPath('psql', process.env);
  if (found !== undefined) return found;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-y', '--no-install-recommends', 'postgresql-client'];
  if (!(await succeeds('apt-get', ['update'], env))) throw new Error('There is no psql.');
  if (!(await succeeds('apt-get', install, env))) throw new Error('There is no psql.');
  return (await findOnPath('psql', process.env)) ?? 'psql';
}
