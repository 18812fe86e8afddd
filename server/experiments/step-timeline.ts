import type { temporal } from '@temporalio/proto';

import { OPTIONAL_STEPS, STEPS, type StepName } from '../../schemas/names.ts';
import type { StepView } from '../../schemas/run-view.ts';
import { failureView, isoTime, milliseconds, type Decoder } from './history-values.ts';
import { pendingStep } from './pending-step.ts';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type PendingActivity = temporal.api.workflow.v1.IPendingActivityInfo;

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
      return pending ? pendingStep(step, pending, decoder) : untouched(step);
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
