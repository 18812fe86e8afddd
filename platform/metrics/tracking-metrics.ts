import { Counter, Histogram, type Registry } from 'prom-client';

import { codeLabel } from './label-values.ts';
import { mlflowCallLabel } from './mlflow-call-label.ts';

export interface TrackingMetrics {
  /** MLflow has answered a request, or has not, tries again included. @param code that of the failure */
  asked(
    request: { readonly method: string; readonly path: string },
    seconds: number,
    code?: string,
  ): void;
}

export function createTrackingMetrics(registry: Registry): TrackingMetrics {
  const registers = [registry];
  const calls = new Counter({
    name: 'durable_experiments_mlflow_calls_total',
    help: 'Calls of MLflow, by what they ask and the code of their failure (none where nothing failed).',
    ...{ labelNames: ['call', 'code'] as const, registers },
  });
  const duration = new Histogram({
    name: 'durable_experiments_mlflow_call_duration_seconds',
    help: 'How long a call of MLflow took, with its tries and the wait for a free connection.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    ...{ labelNames: ['call'] as const, registers },
  });
  return {
    asked(request, seconds, code) {
      const call = mlflowCallLabel(request);
      calls.inc({ call, code: codeLabel(code) });
      duration.observe({ call }, seconds);
    },
  };
}
