import { z } from 'zod';

import { labelValueSchema } from './dataset.ts';
import { runExperimentSchema, type ModelKind, type Params } from './request.ts';
import type { StoredSource } from './source.ts';

const { model, source, params } = runExperimentSchema.shape;

export const validateSourceSchema = z.strictObject({ model, source, params });
export type ValidateSourceRequest = z.infer<typeof validateSourceSchema>;

/** What the workflow of an inspection is started with: no rows, no secrets. */
export interface InspectionInput {
  readonly model: ModelKind;
  readonly source: StoredSource;
  readonly params: Params;
  /** As in ExperimentInput. */
  readonly tenant?: string | undefined;
}

const problemSchema = z.object({
  code: z.string(),
  field: z.string(),
  message: z.string(),
  hint: z.string(),
});
export type Problem = z.infer<typeof problemSchema>;

const inspectedColumnSchema = z.object({
  name: z.string(),
  type: z.string(),
  missing: z.number().int().optional().describe('Rows; left out where nobody looked.'),
});
export type InspectedColumn = z.infer<typeof inspectedColumnSchema>;

/** What mlflow_validate_source answers; lists may be shorter than the counts beside them. */
export const inspectionSchema = z.object({
  ok: z.boolean().describe('Nothing was found that a run would be refused for.'),
  source: z.string(),
  would_run: z.string().nullable().describe('Null when it would be refused.'),
  rows: z.number().int().nullable().describe('Rows read.'),
  rows_read: z.enum(['all', 'some', 'none']),
  column_count: z.number().int(),
  columns: z.array(inspectedColumnSchema).describe('Of a refused source all, else those used.'),
  class_count: z.number().int().nullable(),
  classes: z.array(z.object({ label: labelValueSchema, rows: z.number().int() })),
  split: z.object({ train_rows: z.number().int(), test_rows: z.number().int() }).nullable(),
  problems: z.array(problemSchema).describe('All that could be found at once.'),
  warnings: z.array(z.string()),
});
export type Inspection = z.infer<typeof inspectionSchema>;
