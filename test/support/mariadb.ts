import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'mysql2/promise';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { trainingRows } from '../../examples/demo-data.ts';
import { freePort } from '../../local/ports.ts';
import { startServerProcess } from '../../local/server-process.ts';
import type { DatabaseServer } from './database-server.ts';
import { findMariadb, type MariadbPrograms } from './mariadb-programs.ts';
import { startMariadbInDocker } from './mariadb-docker.ts';
import type { ProvidedDatabase } from './provided.ts';
import { succeeds } from './run-command.ts';

const DEMO = { host: '127.0.0.1', user: 'demo', password: 'demo', database: 'demo' };

const UNAVAILABLE =
  'MariaDB: no mariadbd or mysqld on PATH, not root on a Debian system (to install it), and no Docker.';

/**
 * A real MariaDB (or MySQL) with the demo data: the one on PATH, else Debian's package when root, else Docker;
 * where none of these can be had, the reason in place of a connection.
 * @param log told what takes long
 */
export async function startMariadb(
  log: (line: string) => void = () => {},
): Promise<DatabaseServer<ProvidedDatabase | { readonly unavailable: string }>> {
  const port = await freePort();
  const programs = await findMariadb(log);
  const stop =
    programs === undefined
      ? await startMariadbInDocker(port, DEMO)
      : await startLocal(programs, port);
  if (stop === undefined) {
    return { connection: { unavailable: UNAVAILABLE }, stop: () => Promise.resolve() };
  }
  try {
    await loadDemo(port);
  } catch (error) {
    await stop();
    throw error;
  }
  return { connection: { ...DEMO, port }, stop };
}

async function startLocal(
  { server, install }: MariadbPrograms,
  port: number,
): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'mariadb-'));
  const data = join(folder, 'data');
  const common = ['--no-defaults', `--datadir=${data}`, `--user=${userInfo().username}`];
  if (!(await succeeds(install.command, [...common, ...install.args]))) {
    throw new Error(`${install.command} could not make a data folder in ${data}.`);
  }
  const initFile = join(folder, 'init.sql');
  await writeFile(
    initFile,
    [
      'create database if not exists demo;',
      "create user if not exists demo@'127.0.0.1' identified by 'demo';",
      "create user if not exists demo@localhost identified by 'demo';",
      "grant all on demo.* to demo@'127.0.0.1';",
      'grant all on demo.* to demo@localhost;',
      '',
    ].join('\n'),
  );
  const process_ = await startServerProcess({
    title: 'MariaDB',
    name: 'mariadb',
    stateDir: folder,
    command: server,
    args: [
      ...common,
      `--init-file=${initFile}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      `--socket=${join(folder, 'sock')}`,
      `--pid-file=${join(folder, 'pid')}`,
      '--innodb-flush-log-at-trx-commit=0',
    ],
    env: process.env,
    ports: [{ port, setting: 'another run of the tests' }],
    mark: data,
    isReady: () => answers(port),
    startSeconds: 60,
  });
  return async () => {
    await process_.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

async function answers(port: number): Promise<boolean> {
  const connection = await createConnection({ ...DEMO, port, connectTimeout: 2_000 });
  await connection.end();
  return true;
}

async function loadDemo(port: number): Promise<void> {
  const connection = await createConnection({ ...DEMO, port });
  try {
    await connection.query('drop table if exists training_table');
    await connection.query(
      'create table training_table (f1 double not null, f2 double not null, f3 double not null, y int not null)',
    );
    await connection.query('insert into training_table values ?', [trainingRows()]);
  } finally {
    await connection.end();
  }
}
