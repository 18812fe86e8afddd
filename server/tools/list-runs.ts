import { listRunsSchema, runListSchema, type RunRow } from '../../schemas/list-runs.ts';
import { formatMetrics } from './format.ts';
import { defineTool } from './tool.ts';

export const listRunsTool = defineTool({
  name: 'mlflow_list_runs',
  dottedName: 'mlflow.list_runs',
  title: 'List runs',
  description:
    'Finds MLflow runs by experiment, status, start, metrics and tags, the latest first. ' +
    'Next: mlflow_get_run for one, mlflow_compare_runs for several.',
  input: listRunsSchema,
  output: runListSchema,
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: true,
  },
  run: (request, { experiments }) => experiments.list(request),
  summarise({ runs, next_cursor: cursor, truncated }) {
    return [
      ...(runs.length === 0 ? ['No runs match.'] : runs.map(rowLine)),
      cursor === null ? 'Last page.' : `Next page: cursor ${cursor}`,
      ...(truncated ? [TRUNCATED] : []),
    ].join('\n');
  },
});

const TRUNCATED =
  'Truncated: texts were cut, or fields or experiments left out. A smaller limit shows more of each run.';

function rowLine(row: RunRow): string {
  const { target, rows, started_at: started, seconds, warnings } = row;
  return [
    `${row.status} ${row.run_id}`,
    row.workflow_id === null ? 'no workflow' : (row.workflow_id ?? ''),
    row.experiment,
    started ?? '',
    seconds === undefined ? '' : `${seconds} s`,
    row.model ?? '',
    row.source ?? '',
    target === undefined ? '' : `target ${target}`,
    rows === undefined ? '' : `${rows} rows`,
    formatMetrics(row.metrics),
    row.failure ?? '',
    warnings === undefined ? '' : `${warnings} warning(s)`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}
