import { readQueue, type QueueState, type SeenWorker } from './queue-workers.ts';
import type { DeploymentAccess } from './deployment-state.ts';

/** A worker that was seen within this time is there: its question for work is answered, or asked again, within 60 seconds. */
export const THERE_WITHIN_MS = 75_000;

/** A worker’s process, as its identity names it. */
export interface WorkerProcess {
  readonly pid: number;
  readonly host: string;
}

/** The process that an identity names: “process id@host”, as the SDK writes it, or host:pid, as our logs and the audit do. */
export function workerProcess(identity: string): WorkerProcess | undefined {
  const [, sdkPid, sdkHost] = /^(\d+)@(.+)$/.exec(identity) ?? [];
  const [, ourHost, ourPid] = /^(.+):(\d+)$/.exec(identity) ?? [];
  const [pid, host] = [sdkPid ?? ourPid, sdkHost ?? ourHost];
  return pid === undefined || host === undefined ? undefined : { pid: Number(pid), host };
}

/** The workers that a queue has now. */
export async function presentWorkers(
  access: DeploymentAccess,
  taskQueue: string,
): Promise<SeenWorker[]> {
  return present(await readQueue(access, taskQueue));
}

/** Whether a host has a worker on a queue; undefined where one that is busy could not be told from none. */
export async function hasWorker(
  access: DeploymentAccess,
  { taskQueue, host }: { readonly taskQueue: string; readonly host: string },
): Promise<boolean | undefined> {
  const queue = await readQueue(access, taskQueue);
  if (present(queue).some(({ identity }) => workerProcess(identity)?.host === host)) return true;
  return queue.complete ? false : undefined;
}

function present({ workers }: QueueState): SeenWorker[] {
  const now = Date.now();
  return workers.filter(({ seenAt }) => now - seenAt < THERE_WITHIN_MS);
}
