import { z } from 'zod';

import { metricsSchema } from './experiment.ts';
import { TRACKING_KEY } from './tracking-key.ts';

/** Checks that stay out of the JSON Schema, where they would cost every reader of it more than they tell. */
const text = (longest: number) =>
  z
    .string()
    .refine(
      (value) => value !== '' && value.length <= longest && !/[\p{Cc}\p{Cs}]/u.test(value),
      `must be 1 to ${longest} characters, none of them a control character`,
    );
const key = z
  .string()
  .refine(
    (name) => TRACKING_KEY.test(name),
    'must be 1 to 250 letters, digits, spaces or _ - . : /',
  );
const isoTime = z.union([z.iso.datetime({ offset: true }), z.iso.date()]);
const time = z
  .string()
  .refine(
    (value) => isoTime.safeParse(value).success,
    'must be a time such as 2026-11-22T20:00:00Z, or a date',
  );

const metricCondition = z
  .strictObject({ metric: key, at_least: z.number().optional(), at_most: z.number().optional() })
  .refine(
    (condition) => condition.at_least !== undefined || condition.at_most !== undefined,
    'needs at_least or at_most',
  );

export const listRunsSchema = z.strictObject({
  experiment_name: text(500).optional().describe('All experiments when omitted.'),
  status: z.enum(['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED']).optional(),
  started_after: time.optional().describe('ISO 8601.'),
  started_before: time.optional(),
  metrics: z.array(metricCondition).max(4).optional().describe('All must hold.'),
  tags: z
    .array(z.strictObject({ tag: key, equals: text(5000) }))
    .max(10)
    .optional(),
  order_by: key.default('start_time').describe('start_time or a metric.'),
  order: z.enum(['asc', 'desc']).default('desc'),
  limit: z.number().int().min(1).max(50).default(10),
  ours_only: z.boolean().default(false).describe('Only runs of this service.'),
  cursor: text(1000).optional().describe('next_cursor of the same request.'),
  tracking_uri: text(2048).optional(),
});
export type ListRunsRequest = z.infer<typeof listRunsSchema>;

/** What is not known of a run is left out of its row, and so is what there is no room for. */
const runRowSchema = z.object({
  run_id: z.string(),
  workflow_id: z.string().nullable().optional(),
  experiment: z.string(),
  status: z.string(),
  started_at: z.string().optional(),
  seconds: z.number().optional(),
  model: z.string().optional(),
  source: z.string().optional(),
  target: z.string().optional(),
  rows: z.number().optional(),
  metrics: metricsSchema,
  failure: z.string().optional(),
  warnings: z.number().optional(),
});
export type RunRow = z.infer<typeof runRowSchema>;

/** What mlflow_list_runs answers. */
export const runListSchema = z.object({
  runs: z.array(runRowSchema),
  next_cursor: z.string().nullable(),
  truncated: z.boolean().describe('Texts were cut, or fields or experiments left out.'),
});
export type RunList = z.infer<typeof runListSchema>;
