import { createMiddleware } from 'hono/factory';

import type { CallMetrics, RefusalReason } from '../../platform/metrics/call-metrics.ts';
import { Failure, type FailureCode } from '../../schemas/failure.ts';
import type { DoorEnvironment } from '../access/door-environment.ts';
import type { Experiments } from '../experiments/experiments.ts';

/** The same experiments, which count what a rate or a quota has refused. */
export function countedRefusals(
  experiments: Experiments,
  metrics: CallMetrics | undefined,
): Experiments {
  if (!metrics) return experiments;
  const counted = Object.entries(experiments).map(([name, operation]) => [
    name,
    async (...args: unknown[]) => {
      try {
        return await (operation as (...args: unknown[]) => unknown)(...args);
      } catch (error) {
        const reason = error instanceof Failure ? REASONS[error.code] : undefined;
        if (reason !== undefined) metrics.refused(reason);
        throw error;
      }
    },
  ]);
  return Object.fromEntries(counted) as Experiments;
}

const REASONS: Partial<Record<FailureCode, RefusalReason>> = {
  RATE_LIMITED: 'operation_rate',
  QUOTA_EXCEEDED: 'quota',
};

/** Counts the requests that the HTTP door has refused. */
export function countedDoorRefusals(metrics: CallMetrics | undefined) {
  return createMiddleware<DoorEnvironment>(async (c, next) => {
    await next();
    const code = c.get('refused');
    if (code === undefined || !metrics) return;
    metrics.refused(doorReason(code, c.get('caller') !== undefined));
  });
}

function doorReason(code: FailureCode, known: boolean): RefusalReason {
  if (code === 'RATE_LIMITED') return known ? 'caller_rate' : 'address_rate';
  return code === 'UNAUTHENTICATED' ? 'unauthenticated' : 'other';
}
