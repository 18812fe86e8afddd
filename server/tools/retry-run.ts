import { Failure } from '../../schemas/failure.ts';
import { retryAnswerSchema, retryRunSchema } from '../../schemas/retry-run.ts';
import { defineTool, RunFailedError } from './tool.ts';
import { followRun } from './run-experiment.ts';

export const retryRunTool = defineTool({
  name: 'mlflow_retry_run',
  dottedName: 'mlflow.retry_run',
  title: 'Retry a run',
  description:
    'Takes an ended run up again from a step: earlier steps keep their results, and the same MLflow run goes on. ' +
    'Mend the cause first. The same call again retries once; give another reason to retry once more. ' +
    'Answers as mlflow_run_experiment.',
  input: retryRunSchema,
  output: retryAnswerSchema,
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: true,
  },
  async run(request, context) {
    const { workflowId, step, repeated } = await context.experiments.retry(
      request,
      context.caller.subject,
    );
    const seconds = request.wait_seconds ?? context.defaultWaitSeconds;
    try {
      const answer = await context.experiments.wait(workflowId, { seconds, ...context });
      return { ...answer, retried_from: step };
    } catch (error) {
      if (repeated && error instanceof RunFailedError) throw failedRetry(error);
      throw error;
    }
  },
  next: followRun,
});

/** A caller who means a second retry must learn that this was the answer of the first. */
function failedRetry({ failure, step, runId, workflowId }: RunFailedError): RunFailedError {
  const { code, message, hint } = failure;
  const again =
    'This retry was made before and has failed: give another reason to retry once more.';
  return new RunFailedError(new Failure(code, message, `${hint} ${again}`, { cause: failure }), {
    ...{ step, runId, workflowId },
  });
}
