import { Counter, Histogram, type Registry } from 'prom-client';

import { askedGauge } from './asked-gauge.ts';

const FAILING = ['append', 'sign'] as const;

export interface AuditMetrics {
  appended(events: number, seconds: number): void;
  failed(at: (typeof FAILING)[number]): void;
  /** Age of the oldest event that no signed checkpoint covers; the oldest of all that say so. */
  lagBy(seconds: () => number): void;
}

export function createAuditMetrics(registry: Registry): AuditMetrics {
  const registers = [registry];
  const events = new Counter({
    name: 'durable_experiments_audit_events_total',
    help: 'Events that this process has appended to the audit log.',
    registers,
  });
  const duration = new Histogram({
    name: 'durable_experiments_audit_append_duration_seconds',
    help: 'How long an append to the audit log took, with the wait for those before it.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
    registers,
  });
  const failures = new Counter({
    name: 'durable_experiments_audit_failures_total',
    help: 'Appends to the audit log that failed, and times that it could not be signed.',
    ...{ labelNames: ['at'] as const, registers },
  });
  for (const at of FAILING) failures.inc({ at }, 0);
  const lags: (() => number)[] = [];
  askedGauge(
    registry,
    {
      name: 'durable_experiments_audit_lag_seconds',
      help: 'Age of the oldest event of this process that no signed checkpoint covers.',
    },
    () => (lags.length === 0 ? [] : [{ value: Math.max(...lags.map((lag) => lag())) }]),
  );
  return {
    appended(count, seconds) {
      events.inc(count);
      duration.observe(seconds);
    },
    failed: (at) => failures.inc({ at }),
    lagBy: (seconds) => void lags.push(seconds),
  };
}
