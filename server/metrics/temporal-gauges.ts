import type { Client } from '@temporalio/client';

import { askedGauge, type Sample } from '../../platform/metrics/asked-gauge.ts';
import type { Metrics } from '../../platform/metrics/create-metrics.ts';
import { keptFor } from '../../platform/metrics/kept-answer.ts';
import { EXPERIMENT_WORKFLOW, QUEUES, taskQueueOf, type Queue } from '../../schemas/names.ts';
import { milliseconds } from '../experiments/history-values.ts';
import { soon } from '../experiments/soon.ts';

/** Temporal is asked so often at most, however many look. */
const GOOD_FOR_MILLISECONDS = 5000;

/** In Temporal’s enumeration of a queue’s kinds. */
const KINDS = { workflow: 1, activity: 2 } as const;
type Kind = keyof typeof KINDS;

/** What each queue holds: workflow tasks go by that of the steps alone. */
const HELD: readonly (readonly [Queue, Kind])[] = [
  ['steps', 'workflow'],
  ...QUEUES.map((queue) => [queue, 'activity'] as const),
];

/**
 * What only Temporal knows, for every server and worker of a task queue together: how many experiments are going, and
 * what waits. Asked when somebody looks; while Temporal is away there is no value.
 */
export function showTemporalGauges(
  metrics: Metrics,
  { client, taskQueue }: { readonly client: Client; readonly taskQueue: string },
): void {
  const going = `WorkflowType = '${EXPERIMENT_WORKFLOW}' AND ExecutionStatus = 'Running' AND TaskQueue = '${taskQueue}'`;
  const active = keptFor(GOOD_FOR_MILLISECONDS, () =>
    soon(client, () => client.workflow.count(going)),
  );
  metrics.experiments.activeBy(async () => [{ value: (await active()).count }]);

  const queues = keptFor(GOOD_FOR_MILLISECONDS, () =>
    soon(client, () => Promise.all(HELD.map((held) => describeQueue(client, taskQueue, held)))),
  );
  const gauge = (name: string, help: string, of: (queue: QueueState) => number): void =>
    askedGauge(
      metrics.registry,
      { name: `durable_experiments_${name}`, help, labelNames: ['queue', 'kind'] },
      async () => (await queues()).map((state): Sample => ({ ...state, value: of(state) })),
    );
  gauge('backlog_tasks', 'Tasks that no worker has taken yet.', ({ tasks }) => tasks);
  gauge('backlog_age_seconds', 'How long the oldest of them has waited.', ({ age }) => age);
  gauge('pollers', 'Workers that have asked a queue for tasks lately.', ({ pollers }) => pollers);
}

interface QueueState {
  readonly labels: { readonly queue: Queue; readonly kind: Kind };
  readonly tasks: number;
  readonly age: number;
  readonly pollers: number;
}

async function describeQueue(
  client: Client,
  taskQueue: string,
  [queue, kind]: readonly [Queue, Kind],
): Promise<QueueState> {
  const { stats, pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueueOf(queue, taskQueue) },
    taskQueueType: KINDS[kind],
    reportStats: true,
  });
  return {
    labels: { queue, kind },
    tasks: Number(stats?.approximateBacklogCount ?? 0),
    age: (milliseconds(stats?.approximateBacklogAge) ?? 0) / 1000,
    pollers: pollers?.length ?? 0,
  };
}
