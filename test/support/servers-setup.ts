import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { TestProject } from 'vitest/node';

import { startEmbeddedServers } from '../../local/embedded-servers.ts';
import { freePort } from '../../local/ports.ts';
import { startMariadb } from './mariadb.ts';
import { startPostgres } from './postgres.ts';
import type { ProvidedServers } from './provided.ts';
import { testPython } from './test-environment.ts';

interface Shared {
  users: number;
  readonly servers: Promise<{
    readonly provided: ProvidedServers;
    readonly stop: () => Promise<void>;
  }>;
}

/** The projects of one test run live in one process: the first starts the servers, the last stops them. */
const KEY = Symbol.for('durable-experiments.test-servers');
const holder = globalThis as { [KEY]?: Shared };

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const shared = (holder[KEY] ??= { users: 0, servers: startServers() });
  shared.users += 1;
  const { provided, stop } = await shared.servers;
  for (const [name, value] of Object.entries(provided)) provide(name as never, value as never);
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    delete holder[KEY];
    await stop();
  };
}

async function startServers(): ReturnType<() => Shared['servers']> {
  const stateDir = await mkdtemp(join(tmpdir(), 'durable-experiments-test-'));
  const python = await testPython();
  const ports = { port: await freePort(), uiPort: await freePort(), mlflow: await freePort() };
  const [embedded, postgres, mariadb] = await Promise.all([
    startEmbeddedServers({
      stateDir,
      env: process.env,
      log: () => undefined,
      temporal: { port: ports.port, uiPort: ports.uiPort },
      mlflow: { port: ports.mlflow },
      python: () => Promise.resolve(python),
    }),
    startPostgres(),
    startMariadb(),
  ]);
  if ('unavailable' in mariadb.connection) reportMissing(mariadb.connection.unavailable);
  return {
    provided: {
      python: python.python,
      temporal: `127.0.0.1:${ports.port}`,
      temporalUi: `http://127.0.0.1:${ports.uiPort}`,
      mlflow: `http://127.0.0.1:${ports.mlflow}`,
      stateDir,
      postgres: postgres.connection,
      mariadb: mariadb.connection,
    },
    async stop() {
      await Promise.all([embedded.stop(), postgres.stop(), mariadb.stop()]);
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

/** Tests that can't run are named, with the reason; in CI nothing may be left out. */
function reportMissing(reason: string): void {
  if (process.env['CI'] !== undefined) throw new Error(reason);
  console.log(`Not run: the tests of ${reason}`);
}
