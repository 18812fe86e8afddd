import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Baseline {
  /** Runs one experiment in the Python process and returns the seconds it took there, in and out. */
  run(request: unknown): Promise<{ seconds: number; metrics: Record<string, number> }>;
  stop(): void;
}

/** The Python process of baseline_server.py, logging to the same MLflow as ours. */
export function startBaseline(python: string, mlflow: string): Baseline {
  const script = fileURLToPath(new URL('baseline_server.py', import.meta.url));
  const child = spawn(python, [script], {
    env: { ...process.env, MLFLOW_TRACKING_URI: mlflow, MLFLOW_DISABLE_TELEMETRY: 'true' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async run(request) {
      const startedAt = performance.now();
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error('The baseline has ended.');
      const { metrics } = JSON.parse(value) as { metrics: Record<string, number> };
      return { seconds: (performance.now() - startedAt) / 1000, metrics };
    },
    stop: () => child.kill(),
  };
}
