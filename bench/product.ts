import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { freePort } from '../local/ports.ts';
import { testPython } from '../test/support/test-environment.ts';

export interface BenchProduct {
  readonly mlflow: string;
  readonly python: string;
  readonly dataRoot: string;
  /** Runs one experiment through /invoke. @throws when it fails */
  run(params: unknown): Promise<{ seconds: number; metrics: Record<string, number> }>;
  stop(): Promise<void>;
}

/** `npm start` on free ports with a state of its own, beside the Python that the baseline runs in. */
export async function startBenchProduct(): Promise<BenchProduct> {
  const stateDir = await mkdtemp(join(tmpdir(), 'bench-'));
  const { python, bin } = await testPython();
  const [port, temporal, ui, mlflow] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const dataRoot = resolve('data');
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('../cli/start.ts', import.meta.url))],
    {
      env: {
        ...process.env,
        ...{ STATE_DIR: stateDir, DATA_ROOTS: dataRoot, PORT: String(port) },
        ...{
          TEMPORAL_PORT: String(temporal),
          TEMPORAL_UI_PORT: String(ui),
          MLFLOW_PORT: String(mlflow),
        },
        PATH: `${bin}:${process.env['PATH'] ?? ''}`,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  for await (const chunk of child.stdout) if (String(chunk).includes('Ready.')) break;
  return {
    mlflow: `http://127.0.0.1:${mlflow}`,
    python,
    dataRoot,
    async run(params) {
      const startedAt = performance.now();
      const response = await fetch(`http://127.0.0.1:${port}/invoke`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ tool: 'mlflow.run_experiment', params }),
      });
      const { result, error } = (await response.json()) as {
        result: { metrics: Record<string, number> } | null;
        error: string | null;
      };
      if (!result) throw new Error(error ?? 'no result');
      return { seconds: (performance.now() - startedAt) / 1000, metrics: result.metrics };
    },
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGINT');
      await exited;
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}
