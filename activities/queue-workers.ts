import { availableParallelism } from 'node:os';

import type { DataConverter } from '@temporalio/common';
import {
  Worker,
  type ActivityInterceptorsFactory,
  type NativeConnection,
  type WorkerDeploymentOptions,
  type WorkerOptions,
} from '@temporalio/worker';

import type { WorkerVersion } from '../platform/deployment/worker-version.ts';
import type { Logger } from '../platform/logging.ts';
import type { Metrics } from '../platform/metrics/create-metrics.ts';
import type { Config } from '../schemas/config.ts';
import { taskQueueOf, type Queue } from '../schemas/names.ts';
import type { Activities } from './index.ts';
import { measuredAttempts } from './measured-attempts.ts';
import { runEndSinks, type RunEndListener } from './run-ends.ts';
import { sdkLogger } from './sdk-logger.ts';
import { workflowBundle } from './workflow-bundle.ts';

/** Workers send heartbeats so often at most; also how fast a step learns that it is cancelled. */
const HEARTBEAT_EVERY = '1 second';

/** The SDK's workers of one process, as many as it serves queues. */
export interface QueueWorkers {
  /** Polls until shutdown(); when one worker fails, the others are stopped, too. */
  run(): Promise<void>;
  shutdown(): void;
}

export interface QueueWorkersOptions {
  readonly config: Config;
  readonly connection: NativeConnection;
  readonly activities: Activities;
  readonly dataConverter: DataConverter;
  readonly interceptors: readonly ActivityInterceptorsFactory[];
  /** Are told of each workflow’s end. */
  readonly onRunEnd: readonly RunEndListener[];
  /** Undefined where versions are not told apart. */
  readonly version: WorkerVersion | undefined;
  readonly metrics: Metrics | undefined;
  readonly logger: Logger;
}

/** A worker for each kind of work that the settings name. */
export async function createQueueWorkers(options: QueueWorkersOptions): Promise<QueueWorkers> {
  const { config } = options;
  const workers = await Promise.all(
    [...new Set(config.WORKER_QUEUES)].map(async (queue) =>
      Worker.create(await workerOptions(queue, options)),
    ),
  );
  const shutdown = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  return {
    async run() {
      const ends = await Promise.allSettled(
        workers.map((worker) => worker.run().finally(shutdown)),
      );
      const failed = ends.find((end) => end.status === 'rejected');
      if (failed) throw failed.reason;
    },
    shutdown,
  };
}

async function workerOptions(queue: Queue, options: QueueWorkersOptions): Promise<WorkerOptions> {
  const { config, connection, activities, dataConverter, interceptors, logger, version } = options;
  const { metrics } = options;
  const ofQueue =
    queue === 'training'
      ? {
          activities: { trainModel: activities.trainModel },
          maxConcurrentActivityTaskExecutions:
            config.MAX_TRAININGS ?? Math.max(2, availableParallelism()),
        }
      : {
          workflowBundle: await workflowBundle(dataConverter, sdkLogger(logger)),
          activities,
          sinks: runEndSinks(options.onRunEnd),
          maxConcurrentActivityTaskExecutions: config.MAX_ACTIVITIES,
        };
  metrics?.steps.slots(queue, ofQueue.maxConcurrentActivityTaskExecutions);
  const measured = metrics ? [measuredAttempts(metrics, queue)] : [];
  return {
    ...{ connection, dataConverter, namespace: config.TEMPORAL_NAMESPACE },
    taskQueue: taskQueueOf(queue, config.TEMPORAL_TASK_QUEUE),
    ...ofQueue,
    ...(version && { workerDeploymentOptions: deploymentOptions(version, config) }),
    interceptors: { activity: [...measured, ...interceptors] },
    maxHeartbeatThrottleInterval: HEARTBEAT_EVERY,
    shutdownGraceTime: 1000 * config.STOP_GRACE_SECONDS,
  };
}

/**
 * Both queues of a process are of one version, and so are all workflows on it. Auto-upgrade is the standard: a running
 * experiment goes on with the new version, as recorded histories replay in it, and no version's end leaves one stuck.
 */
function deploymentOptions(
  version: WorkerVersion,
  { WORKER_VERSIONING }: Pick<Config, 'WORKER_VERSIONING'>,
): WorkerDeploymentOptions {
  return {
    version,
    useWorkerVersioning: true,
    defaultVersioningBehavior: WORKER_VERSIONING === 'pinned' ? 'PINNED' : 'AUTO_UPGRADE',
  };
}
