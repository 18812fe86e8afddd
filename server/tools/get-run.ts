import { getRunSchema } from '../../schemas/request.ts';
import { runSummarySchema, type RunSummary } from '../../schemas/run-view.ts';
import { formatMetrics } from './format.ts';
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
  summarise(view) {
    const step = view.steps.find(({ status }) => status !== 'COMPLETED');
    return [
      `${view.status ?? view.workflow?.status ?? 'UNKNOWN'}: run ${view.run_id ?? '(not open yet)'}`,
      formatMetrics(view.metrics),
      step ? stepLine(step) : '',
      view.failure ? `${view.failure.code}: ${view.failure.message} ${view.failure.hint}` : '',
      ...view.warnings.map((warning) => `Warning: ${warning}`),
      ...view.notes.map((note) => `Note: ${note}`),
      view.next_poll_seconds === null
        ? ''
        : `Ask again with wait_seconds ${view.next_poll_seconds} and cursor ${view.cursor}.`,
    ]
      .filter((line) => line !== '')
      .join('\n');
  },
});

function stepLine(step: RunSummary['steps'][number]): string {
  const { waiting_since, next_attempt_at, failure, progress } = step;
  const told = progress?.message === undefined ? '' : `, ${progress.message}`;
  const line = `Step ${step.step}: ${step.status}, ${step.attempts} attempt(s)${told}`;
  if (typeof waiting_since !== 'string') return line;
  const next = typeof next_attempt_at === 'string' ? `, next attempt ${next_attempt_at}` : '';
  const reason = failure ? `: ${failure.code}: ${failure.message}` : '';
  return `${line}, waiting since ${waiting_since}${next}${reason}`;
}
