import {
  ApplicationFailure,
  defaultPayloadConverter,
  isCancellation,
  proxySinks,
  workflowInfo,
  type Headers,
  type WorkflowInterceptors,
} from '@temporalio/workflow';

import { FAILURES, type FailureCode } from '../schemas/failure.ts';
import type { ExperimentInput, OpenedRun } from '../schemas/experiment.ts';
import { RUN_HEADER, runSpanId, STEPS, TRACE_HEADER } from '../schemas/names.ts';
import type { RunEnd, RunSinks, TraceCarrier } from '../schemas/run-end.ts';

/**
 * Hands a run’s trace on to its steps, and tells the worker of the run’s end. It awaits nothing: promises are
 * returned as they came, so that commands keep the order that recorded histories have.
 */
export function interceptors(): WorkflowInterceptors {
  const { runs } = proxySinks<RunSinks>();
  const retriedBy: TraceCarrier[] = [];
  let trace: TraceCarrier | null = null;
  let ofSteps: Headers = {};
  let mlflowRunId: string | null = null;

  const ended = (how: Pick<RunEnd, 'outcome' | 'code'>, input: unknown): void => {
    const { startTime } = workflowInfo();
    const times = { startedAt: startTime.getTime(), endedAt: Date.now() };
    const tenant = (input as Partial<ExperimentInput> | undefined)?.tenant ?? null;
    runs.ended({ ...how, ...times, mlflowRunId, tenant, trace, retriedBy });
  };

  return {
    inbound: [
      {
        execute(input, next) {
          trace = carried(input.headers);
          if (trace) ofSteps = { [TRACE_HEADER]: belowRun(trace) };
          const done = next(input);
          done.then(
            () => ended({ outcome: 'completed', code: null }, input.args[0]),
            (error: unknown) => ended(failed(error), input.args[0]),
          );
          return done;
        },
        handleSignal(input, next) {
          const signalled = carried(input.headers);
          if (signalled) retriedBy.push(signalled);
          return next(input);
        },
      },
    ],
    outbound: [
      {
        scheduleActivity(input, next) {
          const done = next({ ...input, headers: { ...input.headers, ...ofSteps } });
          if (input.activityType === STEPS.open) {
            done.then(
              (opened) => {
                mlflowRunId = (opened as OpenedRun).runId;
                ofSteps = { ...ofSteps, [RUN_HEADER]: payload(mlflowRunId) };
              },
              () => undefined,
            );
          }
          return done;
        },
      },
    ],
  };
}

function payload(value: unknown) {
  return defaultPayloadConverter.toPayload(value);
}

/** The carrier in a header; a strange one is none, as a workflow must not fail over it. */
function carried({ [TRACE_HEADER]: header }: Headers): TraceCarrier | null {
  try {
    const { traceparent, tracestate } = defaultPayloadConverter.fromPayload<TraceCarrier>(
      header ?? {},
    );
    if (!/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(traceparent)) return null;
    return { traceparent, ...(typeof tracestate === 'string' && { tracestate }) };
  } catch {
    return null;
  }
}

/** The same trace, with the run’s own span in place of its starter’s. */
function belowRun({ traceparent, tracestate }: TraceCarrier) {
  const [version, traceId, , flags] = traceparent.split('-');
  const own = [version, traceId, runSpanId(workflowInfo().runId), flags].join('-');
  return payload({ traceparent: own, ...(tracestate !== undefined && { tracestate }) });
}

function failed(error: unknown): Pick<RunEnd, 'outcome' | 'code'> {
  if (isCancellation(error)) return { outcome: 'cancelled', code: 'CANCELLED' };
  const type = error instanceof ApplicationFailure ? (error.type ?? '') : '';
  return { outcome: 'failed', code: type in FAILURES ? (type as FailureCode) : 'INTERNAL' };
}
