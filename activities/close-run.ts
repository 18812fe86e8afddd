import { reconcileRuns } from '../platform/tracking/ensure-run.ts';
import type { CloseInput } from '../schemas/experiment.ts';
import type { FailureDetails } from '../schemas/failure.ts';
import { TAGS } from '../schemas/names.ts';
import { attachReceipt } from './audit/attach-receipt.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { stepContext } from './step-context.ts';

/**
 * close: gives the MLflow run its receipt of the audit log, its final status, and its failure as tags. Removes runs that a delayed
 * create may have added; a run that was never opened for certain is looked for by its tag.
 */
export function createCloseRun({ tracking, audit }: ActivityDependencies) {
  return async ({
    request,
    run,
    status,
    failure,
    reset,
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
    const attached = audit && attachReceipt(audit, client, { request, run });
    await Promise.all([
      // A run that failed may have failed because nothing can be stored: its end must not wait for that.
      status === 'FINISHED' ? attached : attached?.catch(() => undefined),
      failure || reset ? client.setTags(runId, failureTags(failure), { signal }) : undefined,
      client.updateRun({ runId, status, endTime: scheduledAt }, { signal }),
    ]);
    return { runId };
  };
}

/** Empty after a run that a reset has mended: MLflow would go on showing the old failure. */
export function failureTags(failure: FailureDetails | null): Record<string, string> {
  return {
    [TAGS.failureCode]: failure?.code ?? '',
    [TAGS.failureStep]: failure?.step ?? '',
    [TAGS.failureMessage]: failure?.message ?? '',
    [TAGS.failureHint]: failure?.hint ?? '',
  };
}
