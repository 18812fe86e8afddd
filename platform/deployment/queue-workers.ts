import type { google, temporal } from '@temporalio/proto';

import type { DeploymentAccess } from './deployment-state.ts';

/** In Temporal's enumerations. */
const TASK_QUEUE_TYPE_ACTIVITY = 2;
const WORKER_STATUS_RUNNING = 1;

/** A worker that was there lately, as Temporal knows it. */
export interface SeenWorker {
  /** The SDK's: “process id@host”. */
  readonly identity: string;
  /** Undefined for a worker without a version. */
  readonly buildId: string | undefined;
  /** In ms since 1970. */
  readonly seenAt: number;
}

/** A task queue, and who works on it. */
export interface QueueState {
  readonly workers: readonly SeenWorker[];
  /** False where Temporal keeps no reports of workers: who is busy then looks like who is gone. */
  readonly complete: boolean;
  /** Build ids of the versions that new tasks go to; empty when they go to workers without a version. */
  readonly routedTo: readonly string[];
  /** Activity tasks that nobody has taken yet, about. */
  readonly backlog: number;
}

/**
 * Reads who works on a queue. A worker whose slots are all taken does not ask for work, for hours where trainings are
 * long: so what workers report of themselves counts, too, where Temporal keeps it.
 */
export async function readQueue(access: DeploymentAccess, taskQueue: string): Promise<QueueState> {
  const [asked, reports] = await Promise.all([
    access.connection.workflowService.describeTaskQueue({
      namespace: access.namespace,
      taskQueue: { name: taskQueue },
      taskQueueType: TASK_QUEUE_TYPE_ACTIVITY,
      reportStats: true,
    }),
    reportsOf(access, taskQueue),
  ]);
  const workers = new Map<string, SeenWorker>();
  for (const { identity, lastAccessTime, deploymentOptions } of asked.pollers ?? []) {
    const buildId = buildOf(deploymentOptions);
    workers.set(identity ?? '', {
      identity: identity ?? '',
      buildId,
      seenAt: timeOf(lastAccessTime),
    });
  }
  for (const { running, ...worker } of reports ?? []) {
    const { identity, seenAt } = worker;
    if (!running) workers.delete(identity);
    else if ((workers.get(identity)?.seenAt ?? 0) < seenAt) workers.set(identity, worker);
  }
  const { currentDeploymentVersion: current, rampingDeploymentVersion: ramping } =
    asked.versioningInfo ?? {};
  return {
    workers: [...workers.values()],
    complete: reports !== undefined,
    routedTo: [current, ramping].flatMap((version) => version?.buildId ?? []),
    backlog: Number(asked.stats?.approximateBacklogCount ?? 0),
  };
}

/** What workers report of themselves, the oldest report first; undefined where Temporal keeps no such reports. */
async function reportsOf(
  { connection, namespace }: DeploymentAccess,
  taskQueue: string,
): Promise<(SeenWorker & { readonly running: boolean })[] | undefined> {
  const query = `TaskQueue = '${taskQueue}'`;
  const answer = await connection.workflowService
    .listWorkers({ namespace, query, pageSize: 1000 })
    .catch(() => undefined);
  return answer?.workersInfo
    .flatMap(({ workerHeartbeat: report }) => report ?? [])
    .map((report) => ({
      identity: report.workerIdentity ?? '',
      buildId: buildOf(report.deploymentVersion),
      seenAt: timeOf(report.heartbeatTime),
      running: Number(report.status) === WORKER_STATUS_RUNNING,
    }))
    .sort((a, b) => a.seenAt - b.seenAt);
}

/** Workers without a version have a build id, too: the SDK’s hash of their code. */
function buildOf(
  version: temporal.api.deployment.v1.IWorkerDeploymentVersion | null | undefined,
): string | undefined {
  return (version?.deploymentName && version.buildId) || undefined;
}

function timeOf(time: google.protobuf.ITimestamp | null | undefined): number {
  return Number(time?.seconds ?? 0) * 1000 + Math.round((time?.nanos ?? 0) / 1e6);
}
