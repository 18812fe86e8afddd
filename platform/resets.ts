import type { temporal } from '@temporalio/proto';

/** What a history says of the reset that made its execution; undefined where none did. */
export function resetIn(
  events: readonly temporal.api.history.v1.IHistoryEvent[],
): temporal.api.history.v1.IWorkflowTaskFailedEventAttributes | undefined {
  const reset = events.findLast(
    ({ workflowTaskFailedEventAttributes: failed }) => failed?.failure?.resetWorkflowFailureInfo,
  );
  return reset?.workflowTaskFailedEventAttributes ?? undefined;
}

export function resetReason(
  events: readonly temporal.api.history.v1.IHistoryEvent[],
): string | undefined {
  return resetIn(events)?.failure?.message ?? undefined;
}

/** The reason of a reset by mlflow_retry_run: all that Temporal keeps of it. */
export function retryReason(retry: {
  readonly who: string;
  readonly why: string;
  readonly step: string;
  readonly requestId: string;
}): string {
  const { who, why, step, requestId } = retry;
  return `mlflow_retry_run by ${who}: ${why} [from ${step}, request ${requestId}]`;
}

/** Which retry a reason is of; undefined for a reset that somebody made in Temporal. */
export function retryIn(reason: string): { step: string; requestId: string } | undefined {
  const [, step, requestId] = /\[from ([a-z]+), request ([0-9a-f]{12})\]$/.exec(reason) ?? [];
  return step === undefined || requestId === undefined ? undefined : { step, requestId };
}

/** Who asked for a retry, by its reason; empty for a reset in Temporal itself, which keeps no name. */
export function retriedBy(reason: string): string {
  return /^mlflow_retry_run by (.+?): /.exec(reason)?.[1] ?? '';
}
