// Health check of a worker's container: exits with 0 if a worker on this host polls the task queue.
import { Client, Connection } from '@temporalio/client';
import { hostname } from 'node:os';
import { configOrExit } from '../cli/environment.ts';
import { temporalConnectionOptions } from '../platform/temporal-connection.ts';

const TASK_QUEUE_TYPE_ACTIVITY = 2;

const config = configOrExit();
const connection = await Connection.connect(temporalConnectionOptions(config));
const { workflowService } = new Client({ connection });
const { pollers } = await workflowService.describeTaskQueue({
  namespace: config.TEMPORAL_NAMESPACE,
  taskQueue: { name: config.TEMPORAL_TASK_QUEUE },
  taskQueueType: TASK_QUEUE_TYPE_ACTIVITY,
});
await connection.close();
// The SDK names a worker “process id@host”.
const here = pollers?.some(({ identity }) => identity?.endsWith(`@${hostname()}`)) ?? false;
process.exitCode = here ? 0 : 1;
