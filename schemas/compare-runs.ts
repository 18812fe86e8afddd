import { z } from 'zod';

const runId = z
  .string()
  .regex(/^[A-Za-z0-9][\w.-]{0,199}$/, 'holds letters, digits, dots, dashes and underscores only');

export const compareRunsSchema = z.strictObject({
  run_ids: z.array(runId).min(2).max(10).describe('Each a run_id or workflow_id.'),
  detail: z.enum(['brief', 'full']).default('brief'),
  tracking_uri: z
    .string()
    .refine((uri) => uri.length <= 2048, 'may have at most 2048 characters')
    .optional(),
});
export type CompareRunsRequest = z.infer<typeof compareRunsSchema>;

const samenessSchema = z.object({
  answer: z.enum(['yes', 'no', 'unknown']),
  reason: z.string(),
});
export type Sameness = z.infer<typeof samenessSchema>;

/** What has to be the same for a difference in metrics to come from the params. */
const groundSchema = z.record(z.enum(['data', 'split', 'code']), samenessSchema);
export type CommonGround = z.infer<typeof groundSchema>;

/** What mlflow_compare_runs answers; the lists of values are in the order of `runs`. */
export const runComparisonSchema = z.object({
  runs: z.array(
    z.object({ run_id: z.string(), workflow_id: z.string().optional(), status: z.string() }),
  ),
  params: z
    .record(z.string(), z.array(z.string().nullable()))
    .describe('Those that differ: values in the order of runs.'),
  equal_params: z.number(),
  metrics: z.record(z.string(), z.array(z.number().nullable())),
  best: z.record(z.string(), z.string().nullable()).describe('run_id; null: a tie.'),
  same: groundSchema,
  notes: z.array(z.string()),
  missing: z.array(z.string()),
  truncated: z.boolean(),
});
export type RunComparison = z.infer<typeof runComparisonSchema>;
