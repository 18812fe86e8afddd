import { Counter, Histogram, type Registry } from 'prom-client';

import { askedGauge, type Ask } from './asked-gauge.ts';

/** How an execution of an experiment’s workflow can end. */
export type ExperimentEnd = 'completed' | 'failed' | 'cancelled';

const STATUSES = ['started', 'completed', 'failed', 'cancelled'] as const;

/** The metrics that the mission document names. */
export interface ExperimentMetrics {
  /** A workflow has been started; not: one that was there already has been found. */
  started(): void;
  /** @param seconds from start to end; undefined where people have been waited for in between */
  ended(end: ExperimentEnd, seconds: number | undefined): void;
  /** How many are going, whoever started them. */
  activeBy(ask: Ask): void;
}

export function createExperimentMetrics(registry: Registry): ExperimentMetrics {
  const registers = [registry];
  const total = new Counter({
    name: 'mlflow_experiments_total',
    help: 'Experiments that were started, and executions of them that ended, by how.',
    ...{ labelNames: ['status'] as const, registers },
  });
  for (const status of STATUSES) total.inc({ status }, 0);
  const duration = new Histogram({
    name: 'mlflow_experiment_duration_seconds',
    help: 'From the start of an experiment to its end, however it ended; resets are left out.',
    ...{ buckets: [0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400], registers },
  });
  return {
    started: () => total.inc({ status: 'started' }),
    ended(status, seconds) {
      total.inc({ status });
      if (seconds !== undefined) duration.observe(Math.max(0, seconds));
    },
    activeBy: (ask) =>
      askedGauge(
        registry,
        {
          name: 'mlflow_active_experiments',
          help: 'Experiments that are going, as Temporal tells. Every server shows the same number: take the greatest.',
        },
        ask,
      ),
  };
}
