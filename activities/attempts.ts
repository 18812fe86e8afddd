import { CancelledFailure } from '@temporalio/common';
import type { Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';

import { Failure, FAILURES } from '../schemas/failure.ts';
import type { Logger } from '../platform/logging.ts';
import { activityFailure, endedByCancellation, toFailure } from './failures.ts';
import { createHeartbeats } from './heartbeats.ts';

/**
 * Wraps every attempt of every step: heartbeats, one line in the log for its start and its end, what
 * it used, and the translation of errors into codes. Steps themselves know none of this.
 */
export function attemptInterceptor(logger: Logger) {
  return (context: Context): { inbound: ActivityInboundCallsInterceptor } => ({
    inbound: {
      async execute(input, next) {
        const { info } = context;
        const log = logger.child({
          workflowId: info.workflowExecution?.workflowId,
          activity: info.activityType,
          attempt: info.attempt,
        });
        const beats = createHeartbeats(context);
        const startedAt = performance.now();
        const elapsed = (): number => Math.round(performance.now() - startedAt);
        log.debug('attempt started');
        try {
          const { output, usage } = await beats.during(() => next(input));
          const measured = { ...(output as object), usage };
          checkSize(measured);
          log.info({ ms: elapsed() }, 'attempt completed');
          return measured;
        } catch (error) {
          if (endedByCancellation(error, context.cancellationSignal)) {
            log.info({ ms: elapsed() }, 'attempt cancelled');
            throw new CancelledFailure('The step was told to stop.');
          }
          const failure = toFailure(error);
          const { retry } = FAILURES[failure.code];
          const tries = beats.failed(failure.code);
          log[retry === 'never' ? 'info' : 'warn'](
            { ms: elapsed(), code: failure.code, err: failure },
            'attempt failed',
          );
          throw activityFailure(failure, info.activityType, tries);
        }
      },
    },
  });
}

/** Temporal refuses a big result with an error that it would retry for ever; no step may come near. */
const LARGEST_RESULT_BYTES = 64 * 1024;

function checkSize(output: unknown): void {
  const bytes = Buffer.byteLength(JSON.stringify(output) ?? '');
  if (bytes <= LARGEST_RESULT_BYTES) return;
  throw new Failure(
    'BYTE_LIMIT',
    `The step’s result has ${bytes} bytes, too many for the history.`,
    'Use shorter column names and labels.',
  );
}
