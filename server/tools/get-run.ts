import { getRunSchema } from '../../schemas/request.ts';
import { runViewSchema, type StepView } from '../../schemas/run-view.ts';
import type { Experiments } from '../experiments/experiments.ts';
import { formatMetrics } from './format.ts';
import { defineTool } from './tool.ts';

export function getRunTool(experiments: Experiments) {
  return defineTool({
    name: 'mlflow_get_run',
    dottedName: 'mlflow.get_run',
    title: 'Get a run',
    description:
      'Shows a run by its run_id or workflow_id: status, params, metrics and artifacts from MLflow, and every step of the ' +
      'workflow from Temporal with its attempts, times and last failure. Reads only; answers in well under a second.',
    input: getRunSchema,
    output: runViewSchema,
    annotations: {
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: true,
    },
    run: (request) => experiments.get(request),
    summarise(view) {
      const step = view.steps.find(({ status }) => status !== 'COMPLETED');
      return [
        `${view.status ?? view.workflow?.status ?? 'UNKNOWN'}: run ${view.run_id ?? '(not open yet)'}`,
        formatMetrics(view.metrics),
        step ? stepLine(step) : '',
        view.failure ? `${view.failure.code}: ${view.failure.message} ${view.failure.hint}` : '',
        ...view.warnings.map((warning) => `Warning: ${warning}`),
        ...view.notes.map((note) => `Note: ${note}`),
      ]
        .filter((line) => line !== '')
        .join('\n');
    },
  });
}

function stepLine({
  step,
  status,
  attempts,
  waiting_since,
  next_attempt_at,
  failure,
}: StepView): string {
  const line = `Step ${step}: ${status}, ${attempts} attempt(s)`;
  if (waiting_since === null) return line;
  const next = next_attempt_at === null ? '' : `, next attempt ${next_attempt_at}`;
  return `${line}, waiting since ${waiting_since}${next}${failure ? `: ${failure.code}: ${failure.message}` : ''}`;
}
