import type { temporal } from '@temporalio/proto';

import { stepOf, type StepName } from '../../schemas/names.ts';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type EventId = NonNullable<HistoryEvent['eventId']>;

/** A step that a run can be done again from. */
export interface ResetPoint {
  readonly step: StepName;
  /** The workflow task that scheduled it; a reset keeps what lies before. */
  readonly resetTo: EventId;
}

interface Reached extends ResetPoint {
  completed: boolean;
  readonly afterCancel: boolean;
}

/** The steps that a history holds, in the order in which they were last scheduled. */
function reachedSteps(events: readonly HistoryEvent[]): Reached[] {
  const byStep = new Map<StepName, Reached>();
  const byEvent = new Map<string, Reached>();
  let cancelled = false;
  for (const event of events) {
    if (event.workflowExecutionCancelRequestedEventAttributes) cancelled = true;
    const scheduled = event.activityTaskScheduledEventAttributes;
    const step = stepOf(scheduled?.activityType?.name ?? '');
    const resetTo = scheduled?.workflowTaskCompletedEventId;
    if (step && resetTo) {
      const reached = { step, resetTo, completed: false, afterCancel: cancelled };
      byStep.delete(step);
      byStep.set(step, reached);
      byEvent.set(String(event.eventId), reached);
    }
    const completed = event.activityTaskCompletedEventAttributes?.scheduledEventId;
    const ended = byEvent.get(String(completed));
    if (ended) ended.completed = true;
  }
  return [...byStep.values()];
}

/**
 * The steps from which an ended run can be done again, in their order: those that it reached, up to
 * the one that failed or was stopped, which is the last. `close` is one of them only where it is at
 * fault itself, or the run has finished: elsewhere it would only end the run in the same way again.
 */
export function resetPoints(events: readonly HistoryEvent[]): ResetPoint[] {
  const reached = reachedSteps(events);
  const broken = reached.findIndex(({ completed }) => !completed);
  const points = broken === -1 ? reached : reached.slice(0, broken + 1);
  const last = points.at(-1);
  const finished = Boolean(events.at(-1)?.workflowExecutionCompletedEventAttributes);
  const closedOnly = last?.step === 'close' && !finished && (last.completed || last.afterCancel);
  return (closedOnly ? points.slice(0, -1) : points).map(({ step, resetTo }) => ({
    step,
    resetTo,
  }));
}
