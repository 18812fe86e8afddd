import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { freePort } from '../local/ports.ts';
import type { PythonEnvironment } from '../local/python-environment.ts';
import { watchOver } from '../local/watchdog.ts';
import type { RunAnswer, RunView } from '../schemas/run-view.ts';

export interface Experiment {
  readonly seconds: number;
  readonly metrics: Readonly<Record<string, number>>;
}

export interface BenchProduct {
  readonly pid: number;
  readonly mlflow: string;
  /** Runs one experiment through /invoke, however long it takes. @throws when it fails */
  run(params: object): Promise<Experiment & { readonly workflowId: string }>;
  /** What a run's steps took, in words. */
  steps(workflowId: string): Promise<string>;
}

interface Surroundings {
  /** Where its state goes; removed afterwards. */
  readonly folder: string;
  readonly dataRoot: string;
  readonly python: PythonEnvironment;
  /** Ends it. */
  readonly stack: AsyncDisposableStack;
  readonly settings?: Readonly<Record<string, string>>;
}

/** `npm start` on free ports with a state of its own. */
export async function startBenchProduct(surroundings: Surroundings): Promise<BenchProduct> {
  const { dataRoot, python, stack } = surroundings;
  const ports = { http: await freePort(), temporal: await freePort(), ui: await freePort() };
  const mlflow = await freePort();
  const stateDir = await mkdtemp(join(surroundings.folder, 'product-'));
  stack.defer(() => rm(stateDir, { recursive: true, force: true, maxRetries: 3 }));
  const entry = fileURLToPath(new URL('../cli/start.ts', import.meta.url));
  const child = spawn(process.execPath, [entry], {
    env: {
      ...process.env,
      ...{ STATE_DIR: stateDir, DATA_ROOTS: dataRoot, BLOB_STORE: '', LOG_LEVEL: '' },
      // Never somebody's real servers.
      ...{ HOST: '', TEMPORAL_ADDRESS: '', MLFLOW_TRACKING_URI: '', MLFLOW_ARTIFACTS_FOLDER: '' },
      ...{ PORT: String(ports.http), MLFLOW_PORT: String(mlflow) },
      ...{ TEMPORAL_PORT: String(ports.temporal), TEMPORAL_UI_PORT: String(ports.ui) },
      ...surroundings.settings,
      PATH: `${python.bin}:${process.env['PATH'] ?? ''}`,
    },
    // A terminal's Ctrl-C reaches it once, from us.
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const pid = child.pid ?? 0;
  const callOffWatchdog = watchOver(pid);
  stack.defer(async () => {
    child.kill('SIGINT');
    await exited;
    callOffWatchdog();
  });
  await ready(child.stdout);
  const invoke = createInvoke(`http://127.0.0.1:${ports.http}/invoke`);
  return {
    pid,
    mlflow: `http://127.0.0.1:${mlflow}`,
    async run(params) {
      const startedAt = performance.now();
      for (;;) {
        const answer = (await invoke('mlflow.run_experiment', params)) as RunAnswer;
        if (answer.status === 'FINISHED') {
          const { metrics, workflow_id: workflowId } = answer;
          return { seconds: (performance.now() - startedAt) / 1000, metrics, workflowId };
        }
        // The same key means the same run: the call waits on.
        if (!('idempotency_key' in params)) throw new Error(`The run is still ${answer.status}.`);
      }
    },
    async steps(workflowId) {
      const view = (await invoke('mlflow.get_run', { run_id: workflowId })) as RunView;
      return view.steps
        .map(({ step, duration_ms }) => `${step} ${((duration_ms ?? 0) / 1000).toFixed(2)}`)
        .join(', ');
    },
  };
}

/** Resolves when it says so; its further output is read and dropped. */
function ready(output: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: output });
    lines.on('line', (line) => {
      if (line.startsWith('Ready.')) resolve();
    });
    lines.on('close', () => reject(new Error('The product ended before it was ready.')));
  });
}

function createInvoke(url: string) {
  return async (tool: string, params: object): Promise<object> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ tool, params }),
    });
    const { result, error } = (await response.json()) as {
      result: object | null;
      error: string | null;
    };
    if (!result) throw new Error(error ?? 'no result');
    return result;
  };
}
