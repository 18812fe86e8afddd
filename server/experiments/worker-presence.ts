import type { Client } from '@temporalio/client';

import { isoTime, milliseconds } from './history-values.ts';
import type { WorkflowRecord } from './workflow-record.ts';

/** A worker that has room takes up work within this time. */
const TAKEN_UP_WITHIN_MS = 5_000;
/** A waiting worker's question is answered, or asked again, after 60 seconds. */
const LONGEST_POLL_MS = 75_000;

/** In Temporal's enumeration of a queue's kinds. */
const TASK_QUEUE_TYPE_ACTIVITY = 2;

/** Says so when a run waits for a worker and none has asked for work lately. */
export async function missingWorker(
  client: Client,
  { description, steps }: WorkflowRecord,
): Promise<string[]> {
  if (description.status.name !== 'RUNNING') return [];
  if (steps.some(({ status }) => status === 'RUNNING' || status === 'WAITING')) return [];
  const queuedAt = steps.find(({ waiting_since }) => waiting_since !== null)?.waiting_since;
  const since = Date.parse(queuedAt ?? description.startTime.toISOString());
  if (Date.now() - since < TAKEN_UP_WITHIN_MS) return [];
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: description.taskQueue },
    taskQueueType: TASK_QUEUE_TYPE_ACTIVITY,
  });
  const asked = Math.max(...(pollers ?? []).map((p) => milliseconds(p.lastAccessTime) ?? 0), 0);
  if (Date.now() - asked < LONGEST_POLL_MS) return [];
  const lately = asked === 0 ? 'for minutes' : `since ${isoTime(asked)}`;
  return [`No worker has asked for work ${lately}; the run goes on when one is started.`];
}
