import type { ExperimentInput } from '../schemas/experiment.ts';
import { TAGS } from '../schemas/names.ts';
import type { StepContext } from './step-context.ts';

/** Tags that every MLflow run of ours bears from its first moment. */
export function openingTags(
  context: StepContext,
  request: ExperimentInput,
  codeVersion: string,
): Record<string, string> {
  return {
    [TAGS.temporalRunId]: context.temporalRunId,
    [TAGS.namespace]: context.namespace,
    [TAGS.codeVersion]: codeVersion,
    [TAGS.caller]: request.caller,
    ...(request.tenant !== undefined && { [TAGS.tenant]: request.tenant }),
    ...(request.rerunOf !== undefined && { [TAGS.rerunOf]: request.rerunOf }),
    'mlflow.source.name': 'durable-experiments',
  };
}
