import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';

import { commandLine } from '../../local/process-table.ts';
import { presentWorkers, workerProcess } from '../../platform/deployment/present-workers.ts';
import type { Config } from '../../schemas/config.ts';
import { Failure } from '../../schemas/failure.ts';
import { QUEUES, taskQueueOf } from '../../schemas/names.ts';
import { withTemporal } from '../audit/temporal-access.ts';

const LOOK_EVERY_MS = 200;
/** A process id may have gone to somebody else’s process since Temporal heard of it. */
const WORKER = /(^|[\s/])worker(\.\w+)?(\s|$)/;

/** Stops workers of this host and waits for their end. @returns the exit code @throws Failure for one that is elsewhere */
export async function drainHost(
  config: Config,
  named: readonly string[],
  waitSeconds: number,
): Promise<number> {
  const here = await workersHere(config);
  const pids = named.length === 0 ? here : named.map((name) => pidOf(name, here));
  if (pids.length === 0) {
    console.log('No worker is running on this host.');
    return 0;
  }
  for (const pid of pids) {
    process.kill(pid, 'SIGTERM');
    console.log(`Worker ${hostname()}:${pid} takes no more work.`);
  }
  const until = Date.now() + 1000 * waitSeconds;
  let left = pids;
  while (left.length > 0 && Date.now() < until) {
    await setTimeout(LOOK_EVERY_MS);
    const living = await Promise.all(left.map(isWorker));
    for (const [at, pid] of left.entries()) {
      if (!living[at]) console.log(`Worker ${hostname()}:${pid} has stopped.`);
    }
    left = left.filter((_, at) => living[at]);
  }
  for (const pid of left) console.error(`Worker ${hostname()}:${pid} is still stopping.`);
  return left.length === 0 ? 0 : 1;
}

/** Process ids of this host's workers that Temporal has seen on our queues. */
async function workersHere(config: Config): Promise<number[]> {
  const identities = await withTemporal(config, async (access) => {
    const found = await Promise.all(
      QUEUES.map((queue) => presentWorkers(access, taskQueueOf(queue, access.taskQueue))),
    );
    return found.flat().map(({ identity }) => identity);
  });
  const here = identities.flatMap((identity) => {
    const found = workerProcess(identity);
    return found?.host === hostname() ? [found.pid] : [];
  });
  const pids = [...new Set(here)];
  const living = await Promise.all(pids.map(isWorker));
  return pids.filter((_, at) => living[at]);
}

async function isWorker(pid: number): Promise<boolean> {
  return WORKER.test((await commandLine(pid)) ?? '');
}

function pidOf(name: string, here: readonly number[]): number {
  const found = /^\d+$/.test(name) ? { pid: Number(name), host: hostname() } : workerProcess(name);
  if (found && found.host !== hostname()) {
    throw new Failure(
      'INVALID_REQUEST',
      `${name} is on another machine.`,
      'Send it SIGTERM there (kubectl delete pod, docker stop), or drain its whole version.',
    );
  }
  if (found && here.includes(found.pid)) return found.pid;
  const known = here.length === 0 ? 'none' : here.map((pid) => `${hostname()}:${pid}`).join(', ');
  throw new Failure(
    'INVALID_REQUEST',
    `There is no worker ${name} on this host.`,
    `Workers here: ${known}.`,
  );
}
