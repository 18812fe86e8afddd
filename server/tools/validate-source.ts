import { inspectionSchema, validateSourceSchema } from '../../schemas/inspection.ts';
import { defineTool } from './tool.ts';

export const validateSourceTool = defineTool({
  name: 'mlflow_validate_source',
  dottedName: 'mlflow.validate_source',
  title: 'Validate a source',
  description:
    'Looks at a source before mlflow_run_experiment: columns, types, missing values, class balance, what would be ' +
    'run, and every reason for which it would be refused. Reads only, logs nothing; seconds, at most 45. ' +
    'Next: mend the problems, or run with the same source, model and params.',
  input: validateSourceSchema,
  output: inspectionSchema,
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: true,
  },
  run: (request, { experiments, signal }) => experiments.inspect(request, signal),
});
