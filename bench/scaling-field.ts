import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';

import { Client, Connection } from '@temporalio/client';

import { writeDemoData } from '../examples/demo-data.ts';
import { startEmbeddedServers } from '../local/embedded-servers.ts';
import { freePort } from '../local/ports.ts';
import { startProductProcess, type ProductProcess } from '../test/support/product-process.ts';
import { testPython } from '../test/support/test-environment.ts';
import type { Bench } from './bench.ts';

/** Temporal, MLflow, a server and a worker, each a process of its own. */
export interface Field {
  readonly temporal: Client;
  readonly settings: Readonly<Record<string, string>>;
  readonly stateDir: string;
  readonly server: ProductProcess;
  readonly worker: ProductProcess;
  /** Starts experiments without waiting for them; their workflow ids. */
  start(count: number, request?: object): Promise<string[]>;
}

const SMALL = { source: { kind: 'file', path: 'train.csv', target: 'label' } };

/** @param options.worker what the worker that is there works on */
export async function openField(
  bench: Bench,
  stack: AsyncDisposableStack,
  { worker: queues }: { readonly worker: 'steps' | 'all' },
): Promise<Field> {
  const stateDir = await mkdtemp(join(bench.scratch, 'scaling-'));
  await writeDemoData(bench.dataRoot);
  const temporalPort = await freePort();
  const embedded = await startEmbeddedServers({
    ...{ stateDir, env: process.env, log: () => undefined },
    temporal: { port: temporalPort, uiPort: await freePort() },
    mlflow: { port: await freePort() },
    python: () => testPython(),
  });
  stack.defer(() => embedded.stop());
  const port = await freePort();
  const settings = {
    ...{ STATE_DIR: stateDir, DATA_ROOTS: bench.dataRoot, PORT: String(port) },
    TEMPORAL_ADDRESS: `127.0.0.1:${temporalPort}`,
    MLFLOW_TRACKING_URI: embedded.mlflow?.url ?? '',
  };
  const server = await startProductProcess('server', settings);
  stack.defer(() => server.stop());
  const worker = await startProductProcess('worker', {
    ...settings,
    ...(queues === 'steps' && { WORKER_QUEUES: queues }),
  });
  stack.defer(() => worker.stop());
  const connection = await Connection.connect({ address: settings.TEMPORAL_ADDRESS });
  stack.defer(() => connection.close());
  return {
    ...{ temporal: new Client({ connection }), settings, stateDir, server, worker },
    start: (count, request = SMALL) =>
      Promise.all(
        Array.from({ length: count }, async () => {
          const response = await fetch(`http://127.0.0.1:${port}/invoke`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({
              tool: 'mlflow_run_experiment',
              params: { experiment_name: 'scaling', wait_seconds: 0, ...request },
            }),
          });
          const { result, error } = (await response.json()) as {
            result: { workflow_id: string } | null;
            error: string | null;
          };
          if (!result) throw new Error(error ?? 'no result');
          return result.workflow_id;
        }),
      ),
  };
}

/** Resolves when all have their data split, and wait for their training. @throws when one has ended before */
export async function waitForTraining({ temporal }: Field, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    for (;;) {
      const { raw, status } = await temporal.workflow.getHandle(id).describe();
      if (status.name !== 'RUNNING')
        throw new Error(`${id} is ${status.name} before its training.`);
      const [pending] = raw.pendingActivities ?? [];
      if (pending?.activityType?.name === 'trainModel') break;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** Resolves when all have come to their end. @throws when one failed */
export async function untilEnd({ temporal }: Field, ids: readonly string[]): Promise<void> {
  for (const id of ids) await temporal.workflow.getHandle(id).result();
}

/** When they ended, in milliseconds, the first first. */
export async function closingTimes({ temporal }: Field, ids: readonly string[]): Promise<number[]> {
  const described = ids.map((id) => temporal.workflow.getHandle(id).describe());
  const ends = (await Promise.all(described)).map(({ closeTime }) => closeTime?.getTime() ?? NaN);
  return ends.sort((a, b) => a - b);
}
