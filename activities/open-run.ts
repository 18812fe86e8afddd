import { ensureRun } from '../platform/tracking/ensure-run.ts';
import type { OpenInput, OpenedRun } from '../schemas/experiment.ts';
import { Failure } from '../schemas/failure.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { openingTags } from './run-tags.ts';
import { stepContext } from './step-context.ts';

/** open: finds or creates the one MLflow run of this workflow. */
export function createOpenRun({ tracking, codeVersion }: ActivityDependencies) {
  return async ({ request, reset }: OpenInput): Promise<OpenedRun> => {
    const context = stepContext();
    const { workflowId, signal } = context;
    const client = tracking(request.trackingUri);
    if (!(await client.supportsLoggedModels({ signal }))) throw tooOld();
    const experimentId = await client.ensureExperiment(request.experimentName, { signal });
    const run = await ensureRun(
      client,
      {
        experimentId,
        workflowId,
        runName: `${request.model}-${workflowId.slice(-8)}`,
        startTime: context.scheduledAt,
        tags: openingTags(context, request, codeVersion),
        userId: request.caller,
      },
      { signal, neverAsked: context.attempt === 1 && !reset && !mayBeUsedAgain(workflowId) },
    );
    return { experimentId, ...run };
  };
}

/** Said before anything is computed. */
function tooOld(): Failure {
  return new Failure(
    'MLFLOW_REFUSED',
    'This MLflow is older than version 3 and keeps no models of their own.',
    'Upgrade the MLflow server to version 3, or name another one in tracking_uri.',
  );
}

/** An idempotency key may come again when Temporal has long forgotten the workflow, but MLflow has not. */
function mayBeUsedAgain(workflowId: string): boolean {
  return /^experiment-(?:[^.]*\.)?key-/.test(workflowId);
}
