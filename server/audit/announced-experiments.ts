import { checkedExperiments } from '../experiments/checked-experiments.ts';
import type { Announce } from '../experiments/experiments-of.ts';
import type { Experiments } from '../experiments/experiments.ts';
import type { Tenancy } from '../experiments/tenancy.ts';

/** The same experiments, with a word before each operation; a run that is started gets its id before. */
export function announcedExperiments(
  experiments: Experiments,
  { workflowId }: Pick<Tenancy, 'workflowId'>,
  announce: Announce,
): Experiments {
  return {
    ...checkedExperiments(experiments, () => announce()),
    async start(request, caller, id = workflowId(request.idempotency_key)) {
      await announce(id);
      return experiments.start(request, caller, id);
    },
  };
}
