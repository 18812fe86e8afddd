// durable-experiments worker-health: health check of a worker's container.
import { hostname } from 'node:os';

import { hasWorker } from '../platform/deployment/present-workers.ts';
import { Failure } from '../schemas/failure.ts';
import { taskQueueOf } from '../schemas/names.ts';
import { withTemporal } from './audit/temporal-access.ts';
import { configOrExit } from './environment.ts';

const USAGE = `Usage: durable-experiments worker-health

Whether Temporal sees a worker on this host for each of WORKER_QUEUES, idle, busy, or of a version that is not current.
Exit codes: 0 it does, 1 it does not, 2 usage. While Temporal does not answer nothing is known, and it is 0: no restart
of a worker would help. So it is where Temporal keeps no reports of workers: one whose slots are all taken shows nowhere.`;

/** durable-experiments worker-health. */
export async function run(args: readonly string[]): Promise<number> {
  if (args.length > 0) {
    console.error(USAGE);
    return 2;
  }
  const config = configOrExit();
  try {
    return await withTemporal(config, async (access) => {
      for (const queue of config.WORKER_QUEUES) {
        const taskQueue = taskQueueOf(queue, access.taskQueue);
        if ((await hasWorker(access, { taskQueue, host: hostname() })) !== false) continue;
        console.error(`No worker on this host is there for ${queue}.`);
        return 1;
      }
      return 0;
    });
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'TEMPORAL_UNAVAILABLE') throw error;
    console.error(error.message);
    return 0;
  }
}
