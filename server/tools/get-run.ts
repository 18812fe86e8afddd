import { getRunSchema } from '../../schemas/request.ts';
import { runSummarySchema } from '../../schemas/run-view.ts';
import { summaryOf } from './run-summary.ts';
import { defineTool } from './tool.ts';

export const getRunTool = defineTool({
  name: 'mlflow_get_run',
  dottedName: 'mlflow.get_run',
  title: 'Get a run',
  description:
    'Shows a run by its run_id or workflow_id: status, params, metrics and artifacts from MLflow, and the steps of the ' +
    'workflow from Temporal with attempts, times and what they wait for. Reads only. To follow a run, pass wait_seconds ' +
    'and the cursor of the last answer in place of asking again and again: the call returns at the next change.',
  input: getRunSchema,
  output: runSummarySchema,
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: true,
  },
  async run(request, context) {
    const view = await context.experiments.follow(request, context);
    return request.detail === 'full' ? view : summaryOf(view);
  },
  next: ({ next_poll_seconds: seconds, cursor }) =>
    seconds === null
      ? undefined
      : `It goes on: call again with wait_seconds 45 and cursor ${cursor}; the answer comes at its next change.`,
});
