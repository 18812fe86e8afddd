import type { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';

import type { Metrics } from '../platform/metrics/create-metrics.ts';
import type { DatasetRef } from '../schemas/dataset.ts';
import { STEPS, type Queue } from '../schemas/names.ts';

/**
 * Counts every attempt of every step: its wait, its time, its end. Stands outside of what translates errors, so that
 * it sees codes.
 */
export function measuredAttempts({ steps }: Pick<Metrics, 'steps'>, queue: Queue) {
  return ({ info }: Context): { inbound: ActivityInboundCallsInterceptor } => ({
    inbound: {
      async execute(input, next) {
        const { activityType, attempt, currentAttemptScheduledTimestampMs: scheduledAt } = info;
        const waitedSeconds = (Date.now() - scheduledAt) / 1000;
        const ended = steps.began({ activityType, queue, attempt, waitedSeconds });
        try {
          const output = await next(input);
          ended('completed');
          if (activityType === STEPS.load) {
            const { rows, blob } = output as DatasetRef;
            steps.loaded({ rows, bytes: blob.bytes });
          }
          return output;
        } catch (error) {
          if (error instanceof CancelledFailure) ended('cancelled');
          else ended('failed', codeOf(error));
          throw error;
        }
      },
    },
  });
}

function codeOf(error: unknown): string {
  return (error instanceof ApplicationFailure ? error.type : undefined) ?? 'INTERNAL';
}
