import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findOnPath } from '../../local/executables.ts';
import { succeeds } from './run-command.ts';

const run = promisify(execFile);

export interface MariadbPrograms {
  readonly server: string;
  /** What makes a data folder, with the arguments it needs beside the common ones. */
  readonly install: { readonly command: string; readonly args: readonly string[] };
}

/** The server's programs on PATH, installed from Debian's packages if this user may; undefined if neither. */
export async function findMariadb(
  log: (line: string) => void,
): Promise<MariadbPrograms | undefined> {
  const found = await findPrograms();
  if (found !== undefined) return found;
  const apt = await findOnPath('apt-get', process.env);
  if (process.getuid?.() !== 0 || apt === undefined) return undefined;
  log('Installing MariaDB from the system’s packages');
  // The servers' programs alone: the full package would also start a service.
  const install = ['install', '-y', '--no-install-recommends'];
  const packages = ['mariadb-server-core', 'mariadb-client-core'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const installed =
    (await succeeds(apt, ['update'], env)) && (await succeeds(apt, [...install, ...packages], env));
  return installed ? findPrograms() : undefined;
}

async function findPrograms(): Promise<MariadbPrograms | undefined> {
  // Debian keeps servers where an ordinary user's PATH does not look.
  const env = { PATH: `${process.env.PATH ?? ''}:/usr/sbin:/usr/local/sbin` };
  const server = (await findOnPath('mariadbd', env)) ?? (await findOnPath('mysqld', env));
  if (server === undefined) return undefined;
  const { stdout } = await run(server, ['--no-defaults', '--version']);
  if (!stdout.includes('MariaDB')) {
    return { server, install: { command: server, args: ['--initialize-insecure'] } };
  }
  const command =
    (await findOnPath('mariadb-install-db', env)) ?? (await findOnPath('mysql_install_db', env));
  if (command === undefined) return undefined;
  const args = ['--auth-root-authentication-method=normal', '--skip-test-db'];
  return { server, install: { command, args } };
}
