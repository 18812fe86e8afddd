import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

import { QUEUES, type Queue } from '../../schemas/names.ts';
import { codeLabel, STEP_LABELS, stepLabel } from './label-values.ts';

/** An attempt of a step that a worker has taken up. */
export interface StepAttempt {
  readonly activityType: string;
  readonly queue: Queue;
  /** 1 for the first try. */
  readonly attempt: number;
  /** From when Temporal had it to when a worker took it. */
  readonly waitedSeconds: number;
}

export type StepEnd = 'completed' | 'failed' | 'cancelled';

export interface StepMetrics {
  /** @returns to be called once, when the attempt has ended; `code` is that of its failure */
  began(attempt: StepAttempt): (end: StepEnd, code?: string) => void;
  /** How many attempts of a queue this worker runs at once, at most. */
  slots(queue: Queue, count: number): void;
  /** What a load has brought into the blob store. */
  loaded(data: { readonly rows: number; readonly bytes: number }): void;
}

export function createStepMetrics(registry: Registry): StepMetrics {
  const registers = [registry];
  const attempts = new Counter({
    name: 'durable_experiments_step_attempts_total',
    help: 'Attempts of steps that ended, by step, outcome and failure code (none where nothing failed).',
    ...{ labelNames: ['step', 'outcome', 'code'] as const, registers },
  });
  const retries = new Counter({
    name: 'durable_experiments_step_retries_total',
    help: 'Attempts of steps that were not the first.',
    ...{ labelNames: ['step'] as const, registers },
  });
  for (const step of STEP_LABELS) retries.inc({ step }, 0);
  const duration = new Histogram({
    name: 'durable_experiments_step_duration_seconds',
    help: 'How long an attempt of a step took, however it ended.',
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1800, 14_400],
    ...{ labelNames: ['step'] as const, registers },
  });
  const wait = new Histogram({
    name: 'durable_experiments_queue_wait_seconds',
    help: 'How long an attempt waited in its task queue until a worker took it.',
    buckets: [0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300, 1800],
    ...{ labelNames: ['queue'] as const, registers },
  });
  const running = new Gauge({
    name: 'durable_experiments_steps_running',
    help: 'Attempts that this worker is busy with, by task queue.',
    ...{ labelNames: ['queue'] as const, registers },
  });
  for (const queue of QUEUES) running.set({ queue }, 0);
  const slots = new Gauge({
    name: 'durable_experiments_step_slots',
    help: 'Attempts that this worker takes at once, by task queue.',
    ...{ labelNames: ['queue'] as const, registers },
  });
  const rows = new Counter({
    name: 'durable_experiments_rows_loaded_total',
    help: 'Rows that load steps have read from sources.',
    registers,
  });
  const bytes = new Counter({
    name: 'durable_experiments_bytes_loaded_total',
    help: 'Bytes of the datasets that load steps have stored.',
    registers,
  });
  return {
    began({ activityType, queue, attempt, waitedSeconds }) {
      const step = stepLabel(activityType);
      const startedAt = performance.now();
      if (attempt > 1) retries.inc({ step });
      wait.observe({ queue }, Math.max(0, waitedSeconds));
      running.inc({ queue });
      return (outcome, code) => {
        running.dec({ queue });
        duration.observe({ step }, (performance.now() - startedAt) / 1000);
        attempts.inc({ step, outcome, code: codeLabel(code) });
      };
    },
    slots: (queue, count) => slots.set({ queue }, count),
    loaded(data) {
      rows.inc(data.rows);
      bytes.inc(data.bytes);
    },
  };
}
