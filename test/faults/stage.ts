import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Client, Connection } from '@temporalio/client';
import pg from 'pg';

import { writeDemoData } from '../../examples/demo-data.ts';
import { startEmbeddedServers } from '../../local/embedded-servers.ts';
import { freePort } from '../../local/ports.ts';
import type { PythonEnvironment } from '../../local/python-environment.ts';
import { startFaultProxy, type FaultProxy } from '../support/fault-proxy.ts';
import { killServer } from '../support/kill-server.ts';
import { startPostgres } from '../support/postgres.ts';
import { startProductProcess, type ProductProcess } from '../support/product-process.ts';
import type { ProvidedDatabase } from '../support/provided.ts';
import { CANARY } from './requests.ts';

/** Every process of an installation, each of which can be broken; MLflow stands behind a proxy. */
export interface Stage {
  readonly url: string;
  /** MLflow itself, past the proxy. */
  readonly mlflow: string;
  readonly proxy: FaultProxy;
  readonly temporal: Client;
  readonly postgres: ProvidedDatabase;
  restartPostgres(): Promise<void>;
  /** kill -9; it is started again at once. Resolves when it is dead. */
  killServer(name: 'temporal' | 'mlflow'): Promise<void>;
  /** The processes that are there now. */
  readonly worker: ProductProcess;
  readonly server: ProductProcess;
  startWorker(): Promise<ProductProcess>;
  startServer(): Promise<ProductProcess>;
  /** Databases, blobs, artifacts and logs lie in here. */
  readonly stateDir: string;
  /** What every server and worker has printed so far. */
  said(): string;
  close(): Promise<void>;
}

export async function openStage(python: PythonEnvironment): Promise<Stage> {
  const stateDir = await mkdtemp(join(tmpdir(), 'faults-'));
  const data = join(stateDir, 'data');
  await writeDemoData(data);
  const temporalPort = await freePort();
  const [embedded, postgres] = await Promise.all([
    startEmbeddedServers({
      ...{ stateDir, env: process.env, log: () => undefined },
      temporal: { port: temporalPort, uiPort: await freePort() },
      mlflow: { port: await freePort() },
      python: () => Promise.resolve(python),
    }),
    startPostgres(),
  ]);
  const mlflow = embedded.mlflow?.url as string;
  const proxy = await startFaultProxy({ target: mlflow });
  await usePassword(postgres.connection, CANARY);
  const port = await freePort();
  const settings = {
    ...{ PORT: String(port), STATE_DIR: stateDir, DATA_ROOTS: data },
    TEMPORAL_ADDRESS: `127.0.0.1:${temporalPort}`,
    MLFLOW_TRACKING_URI: proxy.url,
    // The standard is 30: too long to wait for a server that hangs on purpose.
    MLFLOW_HTTP_REQUEST_TIMEOUT: '4',
  };
  const connection = await Connection.connect({ address: settings.TEMPORAL_ADDRESS });
  const processes: ProductProcess[] = [];
  const start = async (component: 'server' | 'worker'): Promise<ProductProcess> => {
    const started = await startProductProcess(component, settings);
    processes.push(started);
    return started;
  };
  let [server, worker] = await Promise.all([start('server'), start('worker')]);
  return {
    url: `http://127.0.0.1:${port}`,
    ...{ mlflow, proxy, stateDir },
    temporal: new Client({ connection }),
    postgres: postgres.connection,
    restartPostgres: postgres.restart,
    killServer: async (name) => void (await killServer(stateDir, name)),
    get worker() {
      return worker;
    },
    get server() {
      return server;
    },
    startWorker: async () => (worker = await start('worker')),
    startServer: async () => (server = await start('server')),
    said: () => processes.map((one) => one.said()).join('\n'),
    async close() {
      await Promise.all(processes.map((one) => one.kill()));
      await connection.close();
      await proxy.close();
      await Promise.all([embedded.stop(), postgres.stop()]);
      await rm(stateDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function usePassword({ user, host, port }: ProvidedDatabase, password: string) {
  const admin = { host, port, user: 'admin', password: 'admin', database: 'postgres' };
  const client = new pg.Client(admin);
  await client.connect();
  await client.query(`alter role ${user} password '${password}'`);
  await client.end();
}
