import { compareRunsSchema, runComparisonSchema } from '../../schemas/compare-runs.ts';
import { defineTool } from './tool.ts';

export const compareRunsTool = defineTool({
  name: 'mlflow_compare_runs',
  dottedName: 'mlflow.compare_runs',
  title: 'Compare runs',
  description:
    'Sets 2 to 10 runs side by side: params that differ, metrics, the best, and whether data, split and code ' +
    'are the same. Ids: mlflow_list_runs. detail full when truncated.',
  input: compareRunsSchema,
  output: runComparisonSchema,
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: true,
  },
  run: (request, { experiments }) => experiments.compare(request),
});
