import { z } from 'zod';

import { getRunSchema } from './request.ts';
import { reasonSchema } from './retry-run.ts';

export const cancelRunSchema = z.strictObject({
  run_id: getRunSchema.shape.run_id.describe('run_id or workflow_id.'),
  reason: reasonSchema.optional().describe('Kept in Temporal.'),
  wait_seconds: z.number().min(0).max(45).default(10).describe('How long to wait for the end.'),
  tracking_uri: getRunSchema.shape.tracking_uri,
});
export type CancelRunRequest = z.infer<typeof cancelRunSchema>;

/** What mlflow_cancel_run answers. */
export const cancelAnswerSchema = z.object({
  run_id: z.string().nullable(),
  workflow_id: z.string().nullable(),
  status: z
    .enum(['RUNNING', 'FINISHED', 'FAILED', 'KILLED'])
    .describe('RUNNING: asked to stop, and not at its end yet.'),
  message: z.string(),
  notes: z.array(z.string()),
});
export type CancelAnswer = z.infer<typeof cancelAnswerSchema>;
