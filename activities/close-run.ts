import { reconcileRuns } from '../platform/tracking/ensure-run.ts';
import type { CloseInput } from '../schemas/experiment.ts';
import { TAGS } from '../schemas/names.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { stepContext } from './step-context.ts';

/**
 * close: gives the MLflow run its final status, and its failure as tags. Removes runs that a delayed
 * create may have added; a run that was never opened for certain is looked for by its tag.
 */
export function createCloseRun({ tracking }: ActivityDependencies) {
  return async ({
    request,
    run,
    status,
    failure,
  }: CloseInput): Promise<{ runId: string | null }> => {
    const { workflowId, signal, scheduledAt } = stepContext();
    const client = tracking(request.trackingUri);
    const experimentId =
      run?.experimentId ?? (await client.ensureExperiment(request.experimentName, { signal }));
    const runId = run?.sole
      ? run.runId
      : (await reconcileRuns(client, { experimentId, workflowId, keep: run?.runId }, { signal }))
          .run?.runId;
    if (runId === undefined) return { runId: null };
    if (failure) {
      const tags = {
        [TAGS.failureCode]: failure.code,
        [TAGS.failureStep]: failure.step ?? '',
        [TAGS.failureMessage]: failure.message,
        [TAGS.failureHint]: failure.hint,
      };
      await client.setTags(runId, tags, { signal });
    }
    await client.updateRun({ runId, status, endTime: scheduledAt }, { signal });
    return { runId };
  };
}
