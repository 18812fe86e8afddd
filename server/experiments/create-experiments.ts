import type { Experiments } from './experiments.ts';
import { getRun, type GetRunDependencies } from './get-run.ts';
import { startExperiment, type StartDependencies } from './start-experiment.ts';
import { asTemporalCalls } from './temporal-errors.ts';
import { waitForEnd } from './wait-for-end.ts';

export type ExperimentDependencies = StartDependencies & GetRunDependencies;

/** The experiments of one Temporal namespace and one default MLflow. */
export function createExperiments(deps: ExperimentDependencies): Experiments {
  return {
    start: (request, caller) => asTemporalCalls(() => startExperiment(deps, request, caller)),
    wait: (workflowId, options) =>
      asTemporalCalls(() => waitForEnd(deps.client, deps.links, workflowId, options)),
    get: (request) => asTemporalCalls(() => getRun(deps, request)),
  };
}
