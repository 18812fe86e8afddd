import type { temporal, google } from '@temporalio/proto';

import type { FailureDetails } from '../../schemas/failure.ts';
import { OPTIONAL_STEPS, STEPS, type StepName } from '../../schemas/names.ts';
import { heartbeatSchema } from '../../schemas/progress.ts';
import type { StepView } from '../../schemas/run-view.ts';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type PendingActivity = temporal.api.workflow.v1.IPendingActivityInfo;
type ProtoFailure = temporal.api.failure.v1.IFailure;
type Payloads = temporal.api.common.v1.IPayloads;

/** How payloads and failures in the history are read; the data converter stands behind it. */
export interface Decoder {
  payload(payloads: Payloads | null | undefined): Promise<unknown>;
  failure(failure: ProtoFailure): Promise<FailureDetails>;
}

/** Milliseconds since the epoch of a protobuf timestamp. */
export function milliseconds(time: google.protobuf.ITimestamp | null | undefined): number | null {
  if (!time) return null;
  return Number(time.seconds ?? 0) * 1000 + Math.round((time.nanos ?? 0) / 1e6);
}

export function isoTime(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

/** In Temporal's enumeration of a pending activity's states. */
const PENDING_ACTIVITY_STATE_STARTED = 2;

interface Trace {
  readonly activityId: string;
  readonly scheduledAt: number | null;
  started?: HistoryEvent;
  ended?: HistoryEvent;
}

/** Follows each activity through the history: the last one of a type counts (a reset repeats steps). */
function traceActivities(events: readonly HistoryEvent[]): Map<string, Trace> {
  const byType = new Map<string, Trace>();
  const byScheduledId = new Map<string, Trace>();
  const followed = (id: unknown): Trace | undefined => byScheduledId.get(String(id));
  for (const event of events) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) {
      const trace = {
        activityId: scheduled.activityId ?? '',
        scheduledAt: milliseconds(event.eventTime),
      };
      byType.set(scheduled.activityType?.name ?? '', trace);
      byScheduledId.set(String(event.eventId), trace);
    }
    const started = followed(event.activityTaskStartedEventAttributes?.scheduledEventId);
    if (started) started.started = event;
    const end =
      event.activityTaskCompletedEventAttributes ??
      event.activityTaskFailedEventAttributes ??
      event.activityTaskTimedOutEventAttributes ??
      event.activityTaskCanceledEventAttributes;
    const ended = followed(end?.scheduledEventId);
    if (ended) ended.ended = event;
  }
  return byType;
}

function endState(event: HistoryEvent): 'COMPLETED' | 'FAILED' | 'CANCELLED' {
  if (event.activityTaskCompletedEventAttributes) return 'COMPLETED';
  return event.activityTaskCanceledEventAttributes ? 'CANCELLED' : 'FAILED';
}

async function failureView(
  failure: ProtoFailure | null | undefined,
  decoder: Decoder,
): Promise<StepView['failure']> {
  if (!failure) return null;
  const { code, message, hint } = await decoder.failure(failure);
  return { code, message, hint };
}

async function endedView(
  step: string,
  trace: Trace,
  ended: HistoryEvent,
  decoder: Decoder,
): Promise<StepView> {
  const started = trace.started?.activityTaskStartedEventAttributes;
  const startedAt = milliseconds(trace.started?.eventTime) ?? trace.scheduledAt;
  const endedAt = milliseconds(ended.eventTime);
  const failure =
    ended.activityTaskFailedEventAttributes?.failure ??
    ended.activityTaskTimedOutEventAttributes?.failure ??
    started?.lastFailure;
  return {
    step,
    status: endState(ended),
    attempts: started?.attempt ?? 1,
    started_at: isoTime(startedAt),
    ended_at: isoTime(endedAt),
    duration_ms: startedAt === null || endedAt === null ? null : endedAt - startedAt,
    waiting_since: null,
    next_attempt_at: null,
    failure: await failureView(failure, decoder),
  };
}

async function pendingView(
  step: string,
  { scheduledAt }: Trace,
  pending: PendingActivity,
  decoder: Decoder,
): Promise<StepView> {
  // Any other state is between two attempts, or before the first.
  const running = Number(pending.state) === PENDING_ACTIVITY_STATE_STARTED;
  const tried = Boolean(pending.lastFailure);
  const heartbeat = heartbeatSchema.safeParse(await decoder.payload(pending.heartbeatDetails));
  const { waiting, ...progress } = heartbeat.data ?? {};
  const failure = await failureView(pending.lastFailure, decoder);
  const lastEnd = isoTime(milliseconds(pending.lastAttemptCompleteTime) ?? scheduledAt);
  return {
    step,
    status: running ? 'RUNNING' : tried ? 'WAITING' : 'PENDING',
    attempts: running ? (pending.attempt ?? 1) : (pending.attempt ?? 1) - 1,
    started_at: isoTime(milliseconds(pending.lastStartedTime)),
    ended_at: null,
    duration_ms: null,
    waiting_since:
      waiting && waiting.code === failure?.code ? waiting.since : running ? null : lastEnd,
    next_attempt_at: running ? null : isoTime(milliseconds(pending.nextAttemptScheduleTime)),
    ...(Object.keys(progress).length > 0 && { progress }),
    failure,
  };
}

const untouched = (step: string): StepView => ({
  step,
  status: 'PENDING',
  attempts: 0,
  started_at: null,
  ended_at: null,
  duration_ms: null,
  waiting_since: null,
  next_attempt_at: null,
  failure: null,
});

/**
 * One line a step, in the steps' order, from Temporal's own record: ended attempts from the history
 * events, the current one from the pending activities (the history tells of a start only at the end).
 */
export async function stepTimeline(
  events: readonly HistoryEvent[],
  pendingActivities: readonly PendingActivity[],
  decoder: Decoder,
): Promise<StepView[]> {
  const traces = traceActivities(events);
  const pendingById = new Map(pendingActivities.map((entry) => [entry.activityId ?? '', entry]));
  const shown = Object.entries(STEPS).filter(
    ([step, activity]) => traces.has(activity) || !OPTIONAL_STEPS.includes(step as StepName),
  );
  return Promise.all(
    shown.map(async ([step, activity]) => {
      const trace = traces.get(activity);
      if (!trace) return untouched(step);
      if (trace.ended) return endedView(step, trace, trace.ended, decoder);
      const pending = pendingById.get(trace.activityId);
      return pending ? pendingView(step, trace, pending, decoder) : untouched(step);
    }),
  );
}

/** What the last completed activity of a type returned, or undefined when none has completed. */
export async function activityResult(
  events: readonly HistoryEvent[],
  activityType: string,
  decoder: Decoder,
): Promise<unknown> {
  const ended = traceActivities(events).get(activityType)?.ended;
  return ended?.activityTaskCompletedEventAttributes
    ? decoder.payload(ended.activityTaskCompletedEventAttributes.result)
    : undefined;
}
