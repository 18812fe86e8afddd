import { THERE_WITHIN_MS } from '../../platform/deployment/present-workers.ts';
import { readQueue } from '../../platform/deployment/queue-workers.ts';
import { QUEUES, taskQueueOf } from '../../schemas/names.ts';
import { askTemporal, ok, problem, type Check, type Finding } from './check.ts';

export const queues: Check = {
  name: 'workers',
  run: askTemporal(async (temporal, { config }) =>
    Promise.all(
      QUEUES.map(async (queue): Promise<Finding> => {
        const taskQueue = taskQueueOf(queue, config.TEMPORAL_TASK_QUEUE);
        const { workers, routedTo, backlog } = await readQueue(temporal, taskQueue);
        const there = workers.filter(({ seenAt }) => Date.now() - seenAt < THERE_WITHIN_MS);
        const waiting = `${backlog} tasks wait`;
        if (there.length === 0) {
          return problem(
            `No worker is there for ${queue} (task queue ${taskQueue}); ${waiting}.`,
            `Start one with the same TEMPORAL_TASK_QUEUE and “${queue}” in WORKER_QUEUES.`,
          );
        }
        const fit = there.filter(({ buildId }) =>
          routedTo.length === 0 ? buildId === undefined : routedTo.includes(buildId ?? ''),
        );
        const builds = [...new Set(there.map(({ buildId }) => buildId ?? 'none'))].join(', ');
        if (fit.length === 0) {
          return problem(
            `New work for ${queue} goes to ${routedTo.length === 0 ? 'workers without a version' : `version ${routedTo.join(', ')}`}, and of the ${there.length} workers none is (versions: ${builds}); ${waiting}.`,
            'Promote their version (“durable-experiments versions promote”), or start workers of the current one.',
          );
        }
        const versions = routedTo.length === 0 ? '' : `, ${fit.length} of the current version`;
        return ok(`${there.length} workers are there for ${queue}${versions}; ${waiting}.`);
      }),
    ),
  ),
};
