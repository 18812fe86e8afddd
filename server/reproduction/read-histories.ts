import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';

import { EXPERIMENT_WORKFLOW } from '../../schemas/names.ts';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

export interface ReadHistoryDependencies {
  readonly client: Client;
  /** What was exported of a workflow’s executions before Temporal forgot them, the last that ended first. */
  readonly exportedHistories: (workflowId: string) => Promise<(readonly HistoryEvent[])[]>;
}

/** The histories of a workflow: that of its latest execution in Temporal, then those that were exported. */
export async function* readHistories(
  { client, exportedHistories }: ReadHistoryDependencies,
  workflowId: string,
): AsyncGenerator<readonly HistoryEvent[]> {
  const latest = await latestHistory(client, workflowId);
  if (latest) yield latest;
  yield* await exportedHistories(workflowId);
}

async function latestHistory(
  client: Client,
  workflowId: string,
): Promise<readonly HistoryEvent[] | undefined> {
  try {
    const { type, runId } = await client.workflow.getHandle(workflowId).describe();
    if (type !== EXPERIMENT_WORKFLOW) return undefined;
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    return history.events ?? [];
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
