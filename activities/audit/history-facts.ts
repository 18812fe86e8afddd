import type { temporal } from '@temporalio/proto';
import type { NativeConnection } from '@temporalio/worker';

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
  connection: NativeConnection,
  namespace: string,
): ReadHistoryFacts {
  return async (execution) => {
    const events: HistoryEvent[] = [];
    let nextPageToken: Uint8Array | undefined;
    do {
      const page = await connection.workflowService.getWorkflowExecutionHistory({
        ...{ namespace, execution },
        ...(nextPageToken && { nextPageToken }),
      });
      events.push(...(page.history?.events ?? []));
      nextPageToken = page.nextPageToken;
    } while (nextPageToken && nextPageToken.length > 0);
    return { reset: resetIn(events), cancelled: cancelIn(events) };
  };
}

function resetIn(events: readonly HistoryEvent[]): HistoryFacts['reset'] {
  const failed = events.findLast(
    ({ workflowTaskFailedEventAttributes: task }) => task?.failure?.resetWorkflowFailureInfo,
  )?.workflowTaskFailedEventAttributes;
  if (!failed) return undefined;
  const why = failed.failure?.message ?? undefined;
  // Temporal forgets who reset a run; mlflow_retry_run says it in the reason.
  const [, who = ''] = /^mlflow_retry_run by (.+?): /.exec(why ?? '') ?? [];
  return { who, why, baseRunId: failed.baseRunId ?? '' };
}

function cancelIn(events: readonly HistoryEvent[]): Asked | undefined {
  const asked = events.findLast(
    (event) => event.workflowExecutionCancelRequestedEventAttributes,
  )?.workflowExecutionCancelRequestedEventAttributes;
  return asked ? { who: asked.identity ?? '', why: asked.cause || undefined } : undefined;
}
