import { ensureRun } from '../platform/tracking/ensure-run.ts';
import type { OpenInput, OpenedRun } from '../schemas/experiment.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { openingTags } from './run-tags.ts';
import { stepContext } from './step-context.ts';

/** open: finds or creates the one MLflow run of this workflow. */
export function createOpenRun({ tracking, codeVersion }: ActivityDependencies) {
  return async ({ request, reset }: OpenInput): Promise<OpenedRun> => {
    const context = stepContext();
    const { workflowId, signal } = context;
    const client = tracking(request.trackingUri);
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

/** An idempotency key may come again when Temporal has long forgotten the workflow, but MLflow has not. */
function mayBeUsedAgain(workflowId: string): boolean {
  return workflowId.startsWith('experiment-key-');
}
