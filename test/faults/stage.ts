import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

import { Client, Connection } from '@temporalio/client';

import { writeDemoData } from '../../examples/demo-data.ts';
import { startEmbeddedServers } from '../../local/embedded-servers.ts';
import { freePort } from '../../local/ports.ts';
import { auditFile, openAuditDatabase } from '../../platform/audit/database/open-database.ts';
import type { PythonEnvironment } from '../../local/python-environment.ts';
import { startFaultProxy, type FaultProxy } from '../support/fault-proxy.ts';
import { killServer } from '../support/kill-server.ts';
import { startPostgres } from '../support/postgres.ts';
import { startProductProcess, type ProductProcess } from '../support/product-process.ts';
import { filesUnder } from './files.ts';
import type { Installation } from './installation.ts';
import { CANARY } from './requests.ts';
import { usePassword } from './use-password.ts';

/** Every process of an installation, each of which can be broken; MLflow stands behind a proxy. */
export interface Stage extends Installation {
  readonly proxy: FaultProxy;
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
  const audit = openAuditDatabase({ path: auditFile({ STATE_DIR: stateDir }), readOnly: true });
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
    ...{ mlflow, proxy, stateDir, settings, audit },
    async blobsOf(workflowId) {
      const blobs = join(stateDir, 'blobs');
      const paths = await filesUnder(join(blobs, 'runs', workflowId));
      return paths.map((path) => relative(blobs, path));
    },
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
      await Promise.all([connection.close(), audit.tables.destroy()]);
      await proxy.close();
      await Promise.all([embedded.stop(), postgres.stop()]);
      await rm(stateDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
