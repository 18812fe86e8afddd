import type { Info } from '@temporalio/activity';
import type { ActivityExecuteInput, ActivityInterceptorsFactory } from '@temporalio/worker';

import { parseTrace, type TraceContext } from '../platform/tracing/trace-context.ts';
import { codeOf, type Tracing } from '../platform/tracing/tracing.ts';
import { TRACE_HEADER } from '../schemas/names.ts';
import type { TraceCarrier } from '../schemas/run-end.ts';
import { attemptLabels, headerOf } from './attempt-labels.ts';
import { executionOf } from './audit/attempt-fields.ts';
import { runSpanIds } from './traced-runs.ts';

/** Wraps every attempt in a span below its run’s: what happens in it has its place in the trace. */
export function tracedAttempts(tracing: Tracing): ActivityInterceptorsFactory {
  return ({ info }) => ({
    inbound: {
      execute(input, next) {
        const labels = attemptLabels(info, input);
        const described = {
          name: `RunActivity:${info.activityType}`,
          kind: 'internal',
          parent: runOf(info, input, tracing),
          attributes: {
            'temporal.workflow_id': labels.workflow_id,
            'temporal.run_id': executionOf(info).runId,
            'temporal.activity_id': info.activityId,
            'temporal.attempt': info.attempt,
            'temporal.queue_wait_ms': Math.max(
              0,
              Date.now() - info.currentAttemptScheduledTimestampMs,
            ),
            'mlflow.run_id': labels.run_id,
            'experiment.step': labels.step,
            'experiment.tenant': labels.tenant,
          },
        } as const;
        return tracing.during(described, async (span) => {
          try {
            const output = await next(input);
            span.set({ outcome: 'completed' });
            return output;
          } catch (error) {
            span.set({ outcome: codeOf(error) === 'CANCELLED' ? 'cancelled' : 'failed' });
            throw error;
          }
        });
      },
    },
  });
}

/** The span of the attempt’s run, in a trace of its own when whoever started the run had none. */
function runOf(
  info: Info,
  { headers }: ActivityExecuteInput,
  tracing: Tracing,
): TraceContext | undefined {
  const carried = headerOf<TraceCarrier>(headers, TRACE_HEADER);
  return (carried && parseTrace(carried)) ?? tracing.root(runSpanIds(executionOf(info).runId));
}
