import type { Client, WorkflowExecutionDescription } from '@temporalio/client';

import { THERE_WITHIN_MS } from '../../platform/deployment/present-workers.ts';
import { readQueue } from '../../platform/deployment/queue-workers.ts';
import { taskQueueOf, type Queue } from '../../schemas/names.ts';
import type { StepView } from '../../schemas/run-view.ts';
import { isoTime } from './history-values.ts';
import type { WorkflowRecord } from './workflow-record.ts';

/** A worker that has room takes up work within this time. */
const TAKEN_UP_WITHIN_MS = 5_000;

/** In Temporal's enumeration of a workflow's versioning. */
const VERSIONING_BEHAVIOR_PINNED = 1;

/** Says so when a run waits for a worker and none that could take it up has been there lately. */
export async function missingWorker(client: Client, record: WorkflowRecord): Promise<string[]> {
  const { description, steps } = record;
  const waiting = waitsSince(description, steps);
  if (waiting === undefined || Date.now() - waiting.since < TAKEN_UP_WITHIN_MS) return [];
  const access = { connection: client.connection, namespace: client.options.namespace };
  const { workers, routedTo } = await readQueue(
    access,
    taskQueueOf(waiting.queue, description.taskQueue),
  );
  const pinned = pinnedTo(description);
  const wanted = pinned === undefined ? routedTo : [pinned];
  const fit = workers.filter(({ buildId }) =>
    wanted.length === 0 ? buildId === undefined : wanted.includes(buildId ?? ''),
  );
  const seen = Math.max(...fit.map(({ seenAt }) => seenAt), 0);
  if (Date.now() - seen < THERE_WITHIN_MS) return [];
  const lately = seen === 0 ? 'for minutes' : `since ${isoTime(seen)}`;
  const who = `No worker${waiting.queue === 'training' ? ' for trainings' : ''}`;
  if (pinned !== undefined) {
    return [
      `${who} of version ${pinned} has asked for work ${lately}, and the run is pinned to it; the run goes on when one is started, or when an operator moves it to the current version.`,
    ];
  }
  const version = wanted.length === 0 ? '' : ` of the current version, ${wanted.join(' or ')},`;
  return [`${who}${version} has asked for work ${lately}; the run goes on when one is started.`];
}

/** Since when a run waits for a worker, and of which kind; undefined when it has one, or waits for something else. */
function waitsSince(
  description: WorkflowExecutionDescription,
  steps: readonly StepView[],
): { readonly since: number; readonly queue: Queue } | undefined {
  if (description.status.name !== 'RUNNING') return undefined;
  if (steps.some(({ status }) => status === 'RUNNING')) return undefined;
  const step = steps.find(({ waiting_since }) => waiting_since !== null);
  const queue = step?.step === 'train' ? 'training' : 'steps';
  // The next attempt of a step that has failed is nobody's before it is due; Temporal names no time any more then.
  const since = step?.next_attempt_at ?? step?.waiting_since;
  return { queue, since: Date.parse(since ?? description.startTime.toISOString()) };
}

/** The only version that may go on with a run; undefined where any that is current may. */
export function pinnedTo({ raw }: WorkflowExecutionDescription): string | undefined {
  const versioning = raw.workflowExecutionInfo?.versioningInfo;
  const overridden = versioning?.versioningOverride;
  if (overridden?.pinned) return overridden.pinned.version?.buildId ?? undefined;
  if (overridden?.autoUpgrade || Number(versioning?.behavior) !== VERSIONING_BEHAVIOR_PINNED)
    return undefined;
  return versioning?.deploymentVersion?.buildId ?? undefined;
}
