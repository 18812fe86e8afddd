import { startPython } from './python-process.ts';
import type { Experiment } from './product.ts';

export interface Baseline {
  /** Runs one experiment in the Python process and measures it there and back. */
  run(request: unknown): Promise<Experiment>;
  stop(): void;
}

/** The Python process of baseline_server.py, logging to the same MLflow as ours. */
export function startBaseline(python: string, mlflow: string): Baseline {
  const child = startPython(python, 'baseline_server.py', {
    MLFLOW_TRACKING_URI: mlflow,
    MLFLOW_DISABLE_TELEMETRY: 'true',
  });
  return {
    async run(request) {
      const startedAt = performance.now();
      const { metrics } = (await child.ask(request)) as Pick<Experiment, 'metrics'>;
      return { seconds: (performance.now() - startedAt) / 1000, metrics };
    },
    stop: () => child.stop(),
  };
}
