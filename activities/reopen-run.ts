import type { ReopenInput } from '../schemas/experiment.ts';
import { failureTags } from './close-run.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { openingTags } from './run-tags.ts';
import { stepContext } from './step-context.ts';

/** After a reset: the MLflow run is RUNNING again, without its failure, in this Temporal execution. */
export function createReopenRun({ tracking, codeVersion }: ActivityDependencies) {
  return async ({ request, run: { runId } }: ReopenInput): Promise<{ runId: string }> => {
    const context = stepContext();
    const { signal } = context;
    const client = tracking(request.trackingUri);
    const tags = { ...openingTags(context, request, codeVersion), ...failureTags(null) };
    await Promise.all([
      client.updateRun({ runId, status: 'RUNNING' }, { signal }),
      client.setTags(runId, tags, { signal }),
    ]);
    return { runId };
  };
}
