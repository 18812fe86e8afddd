import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Client, Connection } from '@temporalio/client';
import { inject, vi } from 'vitest';

import { startWorker } from '../../activities/worker.ts';
import { writeDemoData } from '../../examples/demo-data.ts';
import { createLogger } from '../../platform/logging.ts';
import type { Metrics } from '../../platform/metrics/create-metrics.ts';
import { readConfig } from '../../schemas/config.ts';
import { startServer } from '../../server/listen.ts';

interface Answer {
  readonly status: number;
  readonly result: Record<string, unknown> | null;
  readonly error: string | null;
  readonly failure?: Readonly<Record<string, string | null>>;
}

export interface TestService {
  readonly url: string;
  /** The data root, with the demo data in it. */
  readonly data: string;
  readonly temporal: Client;
  /** The settings of server and worker. */
  readonly settings: Readonly<Record<string, string>>;
  /** POST /invoke */
  invoke(tool: string, params: unknown): Promise<Answer>;
  stop(): Promise<void>;
}

/**
 * Server and worker in this process, against the test run's Temporal and MLflow, on a queue of their own.
 * @param given settings, or what makes them of the data root
 * @param options.worker false: the test starts workers as processes of their own
 * @param options.metrics of the process: without them nothing is counted
 */
export async function startTestService(
  given:
    Readonly<Record<string, string>> | ((data: string) => Readonly<Record<string, string>>) = {},
  {
    worker: withWorker = true,
    metrics,
  }: { readonly worker?: boolean; readonly metrics?: Metrics } = {},
): Promise<TestService> {
  const folder = await mkdtemp(join(tmpdir(), 'service-'));
  const data = join(folder, 'data');
  await writeDemoData(data);
  const settings = {
    PORT: '0',
    STATE_DIR: join(folder, 'state'),
    DATA_ROOTS: data,
    TEMPORAL_ADDRESS: inject('temporal'),
    TEMPORAL_TASK_QUEUE: `service-${process.pid}-${Date.now()}`,
    MLFLOW_TRACKING_URI: inject('mlflow'),
    LOG_LEVEL: 'silent',
    ...(typeof given === 'function' ? given(data) : given),
  };
  const config = readConfig(settings);
  const logger = createLogger('test', config.LOG_LEVEL);
  const connection = await Connection.connect({ address: config.temporalAddress });
  const namespace = config.TEMPORAL_NAMESPACE;
  if (namespace !== 'default') await registerNamespace(connection, namespace);
  const worker = withWorker
    ? await startWorker({ config, logger, environment: process.env, metrics })
    : undefined;
  const server = await startServer(config, logger, metrics);
  return {
    url: server.url,
    data,
    settings,
    temporal: new Client({ connection, namespace }),
    async invoke(tool, params) {
      const response = await fetch(`${server.url}/invoke`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ tool, params }),
      });
      return { status: response.status, ...((await response.json()) as Omit<Answer, 'status'>) };
    },
    async stop() {
      await server.stop();
      await worker?.stop();
      await connection.close();
      // A reader that was about to end may still write its compiled modules.
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** For tests that another's runs would disturb. */
async function registerNamespace(connection: Connection, namespace: string): Promise<void> {
  const workflowExecutionRetentionPeriod = { seconds: 86_400 as never };
  const { workflowService } = connection;
  await workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod });
  // Temporal’s parts learn of it one after another.
  const client = new Client({ connection, namespace });
  await vi.waitFor(() => client.workflow.count(), { timeout: 20_000, interval: 200 });
}
