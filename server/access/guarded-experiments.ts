import type { Caller, Scope } from '../../schemas/caller.ts';
import { checkedExperiments } from '../experiments/checked-experiments.ts';
import type { Experiments } from '../experiments/experiments.ts';
import { demandScope } from './rules.ts';

/** Any one of these lets a caller use an operation. Tools that start, retry or cancel answer with the run. */
const NEEDED: Readonly<Record<keyof Experiments, readonly Scope[]>> = {
  start: ['experiments:run'],
  inspect: ['experiments:run'],
  wait: ['runs:read', 'experiments:run', 'runs:control'],
  get: ['runs:read', 'runs:control'],
  follow: ['runs:read'],
  reportFile: ['runs:read'],
  list: ['runs:read'],
  compare: ['runs:read'],
  retry: ['runs:control'],
  cancel: ['runs:control'],
  audit: ['audit:read'],
};

/**
 * The experiments as a caller may use them. The doors know tools and methods and ask for their scopes; this
 * knows none of them, and refuses what a door has let through.
 */
export function guardedExperiments(experiments: Experiments, caller: Caller): Experiments {
  return checkedExperiments(experiments, (operation) => demandScope(caller, ...NEEDED[operation]));
}
