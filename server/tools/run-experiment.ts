import { runExperimentSchema } from '../../schemas/request.ts';
import { runAnswerSchema, type RunAnswer } from '../../schemas/run-view.ts';
import { defineTool } from './tool.ts';

export const runExperimentTool = defineTool({
  name: 'mlflow_run_experiment',
  dottedName: 'mlflow.run_experiment',
  title: 'Run an experiment',
  description:
    'Trains and evaluates a classifier on a file, an SQL query or inline text records, and logs it to MLflow. ' +
    'Durable: the run goes on and ends once, whatever happens to this call. Seconds for small data, longer for big; ' +
    'when wait_seconds is over first, the answer has status RUNNING: then ask mlflow_get_run with workflow_id. ' +
    'Give an idempotency_key so that a repeated call returns the same run instead of starting another.',
  input: runExperimentSchema,
  output: runAnswerSchema,
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: false,
    openWorldHint: true,
  },
  async run(request, context) {
    const workflowId = await context.experiments.start(request, context.caller.subject);
    const seconds = request.wait_seconds ?? context.defaultWaitSeconds;
    return context.experiments.wait(workflowId, { seconds, ...context });
  },
  next: followRun,
});

/** How to learn the end of a run that goes on. */
export function followRun({ status, workflow_id: id }: RunAnswer): string | undefined {
  if (status !== 'RUNNING') return undefined;
  return `It goes on: call mlflow_get_run with run_id ${id} and wait_seconds 45.`;
}
