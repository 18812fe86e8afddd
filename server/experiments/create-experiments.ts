import pLimit from 'p-limit';

import { cancelRun } from './cancel-run.ts';
import { compareRuns } from './compare-runs.ts';
import type { Experiments } from './experiments.ts';
import { followRun } from './follow-run.ts';
import { getRun, type GetRunDependencies } from './get-run.ts';
import { inspectSource } from './inspect-source.ts';
import { listRuns } from './list-runs.ts';
import { reportFile } from './report-file.ts';
import { createRetryRun } from './retry-run.ts';
import { startExperiment, type StartDependencies } from './start-experiment.ts';
import { asTemporalCalls } from './temporal-errors.ts';
import { waitForEnd } from './wait-for-end.ts';

const PATIENCE_MILLISECONDS = 10_000;
/** A thousand starts at once would keep Temporal from answering any of them in time. */
const STARTS_AT_ONCE = 32;

export type ExperimentDependencies = StartDependencies & GetRunDependencies;

/** The experiments of one Temporal namespace and one default MLflow. */
export function createExperiments(deps: ExperimentDependencies): Experiments {
  /** For calls that Temporal answers at once, when it is there. */
  const soon = <T>(calls: () => Promise<T>): Promise<T> =>
    asTemporalCalls(() => deps.client.withDeadline(Date.now() + PATIENCE_MILLISECONDS, calls));
  const starting = pLimit(STARTS_AT_ONCE);
  const retryRun = createRetryRun(deps);
  return {
    start: (request, caller) => starting(() => soon(() => startExperiment(deps, request, caller))),
    wait: (workflowId, options) =>
      asTemporalCalls(() => waitForEnd(deps.client, deps.links, workflowId, options)),
    inspect: (request, signal) => inspectSource(deps, request, signal),
    get: (run) => soon(() => getRun(deps, run)),
    follow: (request, options) =>
      asTemporalCalls(() =>
        followRun(deps.client, () => soon(() => getRun(deps, request)), request, options),
      ),
    reportFile: (run, name) => soon(() => reportFile(deps, run, name)),
    list: (request) => listRuns(deps, request),
    compare: (request) => soon(() => compareRuns(deps, request)),
    retry: (request, caller) => soon(() => retryRun(request, caller)),
    cancel: (request, caller) => soon(() => cancelRun(deps, request, caller)),
  };
}
