import {
  inspectionSchema,
  validateSourceSchema,
  type Inspection,
} from '../../schemas/inspection.ts';
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
  summarise: inspectionText,
});

function inspectionText(inspection: Inspection): string {
  const { ok, source, would_run: plan, rows, rows_read: read, split } = inspection;
  const { problems, warnings, column_count, columns, class_count, classes } = inspection;
  return [
    ok ? `OK: ${plan ?? ''}` : `Refused: ${problems.length} problem(s).`,
    `Source: ${source}; rows read: ${read}${rows === null ? '' : `, ${rows}`}`,
    ...problems.map(({ code, field, message, hint }) => `${code} (${field}): ${message} ${hint}`),
    ...warnings.map((warning) => `Warning: ${warning}`),
    listed(`${column_count} columns`, columns.map(columnText), column_count),
    class_count === null
      ? ''
      : listed(
          `${class_count} classes`,
          classes.map(({ label, rows: count }) => `${JSON.stringify(label)} ${count}`),
          class_count,
        ),
    split ? `Split: ${split.train_rows} training rows, ${split.test_rows} test rows` : '',
  ]
    .filter((line) => line !== '')
    .join('\n');
}

function columnText({ name, type, missing }: Inspection['columns'][number]): string {
  return `${name} ${type}${missing === undefined ? '' : ` (${missing} missing)`}`;
}

function listed(title: string, entries: readonly string[], count: number): string {
  const more = count - entries.length;
  return `${title}: ${entries.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
