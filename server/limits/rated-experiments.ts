import type { Caller } from '../../schemas/caller.ts';
import { checkedExperiments } from '../experiments/checked-experiments.ts';
import type { Experiments } from '../experiments/experiments.ts';
import type { Rate } from './rate.ts';
import { callerKey } from './request-rates.ts';
import { rateLimited } from './too-many.ts';

/** What each operation costs; `wait` follows a start that has been paid for. */
const POINTS: Readonly<Record<keyof Experiments, number>> = {
  ...{ start: 10, inspect: 10, retry: 10 },
  ...{ list: 2, compare: 2, reportFile: 2, audit: 2 },
  ...{ get: 1, follow: 1, cancel: 1, wait: 0 },
};

/** The experiments for a caller who may do so much of each in a time, whatever the door. */
export function ratedExperiments(
  experiments: Experiments,
  caller: Caller,
  rate: Rate,
): Experiments {
  return checkedExperiments(experiments, async (operation) => {
    const points = POINTS[operation];
    const seconds = points === 0 ? 0 : await rate.take(callerKey(caller), points);
    if (seconds > 0) throw rateLimited(seconds);
  });
}
