import { cancelAnswerSchema, cancelRunSchema } from '../../schemas/cancel-run.ts';
import { cancelAnswer } from '../experiments/cancel-run.ts';
import { defineTool, RunFailedError } from './tool.ts';

export const cancelRunTool = defineTool({
  name: 'mlflow_cancel_run',
  dottedName: 'mlflow.cancel_run',
  title: 'Cancel a run',
  description:
    'Stops a run and says how it ended: KILLED, or FINISHED when it was faster. A run that has ended stays as it is. ' +
    'mlflow_retry_run takes a cancelled run up again.',
  input: cancelRunSchema,
  output: cancelAnswerSchema,
  annotations: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: true,
    openWorldHint: true,
  },
  async run(request, context) {
    const outcome = await context.experiments.cancel(request, context.caller.subject);
    if (outcome.asked) {
      const options = { seconds: request.wait_seconds, ...context };
      await context.experiments.wait(outcome.workflowId, options).catch((error: unknown) => {
        if (!(error instanceof RunFailedError)) throw error;
      });
    }
    const { run_id, tracking_uri } = request;
    return cancelAnswer(await context.experiments.get({ run_id, tracking_uri }), outcome);
  },
  next: ({ status }) =>
    status === 'RUNNING' ? 'It is stopping: call mlflow_get_run for its end.' : undefined,
});
