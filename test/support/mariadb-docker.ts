import { execFile } from 'node:child_process';
import { createConnection } from 'mysql2/promise';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ProvidedDatabase } from './provided.ts';
import { succeeds } from './run-command.ts';

const run = promisify(execFile);
const START_SECONDS = 180;

/**
 * Starts MariaDB in a container that listens on `port` of this machine.
 * @returns what stops it, or undefined if there is no Docker or the image cannot be had
 */
export async function startMariadbInDocker(
  port: number,
  demo: Omit<ProvidedDatabase, 'port'>,
): Promise<(() => Promise<void>) | undefined> {
  if (!(await succeeds('docker', ['info']))) return undefined;
  const variables = {
    MARIADB_ALLOW_EMPTY_ROOT_PASSWORD: '1',
    MARIADB_USER: demo.user,
    MARIADB_PASSWORD: demo.password,
    MARIADB_DATABASE: demo.database,
  };
  const settings = Object.entries(variables).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  const published = ['-p', `${demo.host}:${port}:3306`];
  const container = await run('docker', [
    ...['run', '--detach', '--rm', ...published, ...settings, 'mariadb:11.4'],
  ]).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
  if (container === undefined) return undefined;
  const stop = async () => {
    await succeeds('docker', ['stop', container]);
  };
  for (let second = 0; second < START_SECONDS; second++) {
    if (await answers({ ...demo, port })) return stop;
    await wait(1_000);
  }
  await stop();
  return undefined;
}

async function answers(database: ProvidedDatabase): Promise<boolean> {
  return createConnection({ ...database, connectTimeout: 2_000 }).then(
    async (connection) => {
      await connection.end();
      return true;
    },
    () => false,
  );
}
