import type { temporal } from '@temporalio/proto';

import { fetchHistory } from '../../platform/audit/histories/export-history.ts';
import type { TemporalAccess } from '../../platform/audit/histories/temporal-access.ts';
import { resetIn, resetReason, retriedBy } from '../../platform/resets.ts';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** Who asked Temporal for something, and why. */
export interface Asked {
  readonly who: string;
  readonly why: string | undefined;
}

export interface HistoryFacts {
  /** The reset that made this execution, if one did. */
  readonly reset: (Asked & { readonly baseRunId: string }) | undefined;
  readonly cancelled: Asked | undefined;
}

/** What of an execution only its history tells: it may have come from the Temporal UI. */
export type ReadHistoryFacts = (execution: {
  readonly workflowId: string;
  readonly runId: string;
}) => Promise<HistoryFacts>;

export function historyFactsFrom(
  access: Pick<TemporalAccess, 'connection' | 'namespace'>,
): ReadHistoryFacts {
  return async (execution) => {
    const events = await fetchHistory(access, execution);
    return { reset: resetOf(events), cancelled: cancelIn(events) };
  };
}

function resetOf(events: readonly HistoryEvent[]): HistoryFacts['reset'] {
  const reset = resetIn(events);
  if (!reset) return undefined;
  const why = resetReason(events);
  return { who: retriedBy(why ?? ''), why, baseRunId: reset.baseRunId ?? '' };
}

function cancelIn(events: readonly HistoryEvent[]): Asked | undefined {
  const asked = events.findLast(
    (event) => event.workflowExecutionCancelRequestedEventAttributes,
  )?.workflowExecutionCancelRequestedEventAttributes;
  return asked ? { who: asked.identity ?? '', why: asked.cause || undefined } : undefined;
}
