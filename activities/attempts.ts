import { CancelledFailure } from '@temporalio/common';
import type { Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';

import { Failure, FAILURES } from '../schemas/failure.ts';
import type { Logger } from '../platform/logging.ts';
import { attemptLabels, openedRun } from './attempt-labels.ts';
import { activityFailure, endedByCancellation, toFailure } from './failures.ts';
import type { AuditedAttempts } from './audit/audited-attempts.ts';
import { createHeartbeats } from './heartbeats.ts';

/**
 * Wraps every attempt of every step: heartbeats, one line in the log for its start and its end, its two
 * events in the audit log, what it used, and the translation of errors into codes. Steps know none of this.
 */
export function attemptInterceptor(logger: Logger, audited?: AuditedAttempts) {
  return (context: Context): { inbound: ActivityInboundCallsInterceptor } => ({
    inbound: {
      async execute(input, next) {
        const { info } = context;
        const log = logger.child(attemptLabels(info, input));
        const beats = createHeartbeats(context);
        const startedAt = performance.now();
        const ended = (outcome: 'completed' | 'failed' | 'cancelled') => {
          return { outcome, ms: Math.round(performance.now() - startedAt) };
        };
        log.debug('attempt started');
        try {
          const step = async (): Promise<unknown> => checkedSize(await next(input));
          const attempt = { info, input: input.args[0], signal: context.cancellationSignal };
          const { output, usage } = await beats.during(() =>
            audited ? audited.during(attempt, step) : step(),
          );
          log.info({ ...ended('completed'), ...openedRun(info, output) }, 'attempt completed');
          return { ...(output as object), usage };
        } catch (error) {
          if (endedByCancellation(error, context.cancellationSignal)) {
            log.info(ended('cancelled'), 'attempt cancelled');
            throw new CancelledFailure('The step was told to stop.');
          }
          const failure = toFailure(error);
          const { retry } = FAILURES[failure.code];
          const tries = beats.failed(failure.code);
          log[retry === 'never' ? 'info' : 'warn'](
            { ...ended('failed'), code: failure.code, err: failure },
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
/** At most, of what is added to a result. */
const USAGE_BYTES = 128;

function checkedSize(output: unknown): unknown {
  const bytes = Buffer.byteLength(JSON.stringify(output) ?? '') + USAGE_BYTES;
  if (bytes <= LARGEST_RESULT_BYTES) return output;
  throw new Failure(
    'BYTE_LIMIT',
    `The step’s result has ${bytes} bytes, too many for the history.`,
    'Use shorter column names and labels.',
  );
}
