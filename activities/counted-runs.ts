import type { Metrics } from '../platform/metrics/create-metrics.ts';
import { EXPERIMENT_WORKFLOW } from '../schemas/names.ts';
import type { RunEndListener } from './run-ends.ts';

/** A workflow task that failed at the end comes again within seconds, most likely to the same worker. */
const REMEMBERED = 1000;

/**
 * Counts the ends of experiments, each execution once: one that was reset has ended before it, as failed most often,
 * and ends again. How long people took to reset it is no duration of an experiment.
 */
export function countedRuns({ experiments }: Pick<Metrics, 'experiments'>): RunEndListener {
  const counted = new Set<string>();
  return (end, { runId, workflowType, originalExecutionRunId }) => {
    if (workflowType !== EXPERIMENT_WORKFLOW || counted.has(runId)) return;
    counted.add(runId);
    const [oldest = ''] = counted;
    if (counted.size > REMEMBERED) counted.delete(oldest);
    const reset = runId !== originalExecutionRunId;
    experiments.ended(end.outcome, reset ? undefined : (end.endedAt - end.startedAt) / 1000);
  };
}
