import { listRunsSchema, runListSchema } from '../../schemas/list-runs.ts';
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
});
