import { z } from 'zod';

import { getRunSchema } from './request.ts';

/** In one answer. */
export const MOST_EVENTS = 200;
export const USUAL_EVENTS = 50;

export const getAuditSchema = z.strictObject({
  run_id: getRunSchema.shape.run_id.describe('run_id or workflow_id.'),
  limit: z.number().int().min(1).max(MOST_EVENTS).default(USUAL_EVENTS),
  cursor: z
    .string()
    .refine((cursor) => /^\d{1,9}$/.test(cursor), 'must be next_cursor of an earlier answer')
    .optional()
    .describe('next_cursor of the answer before.'),
});
export type GetAuditRequest = z.infer<typeof getAuditSchema>;

/** What mlflow_get_audit answers: a run's events, the oldest first. */
export const auditTrailSchema = z.object({
  run_id: z.string().nullable(),
  workflow_id: z.string(),
  events: z.array(
    z.object({
      seq: z.number().int().describe('Position in the tenant’s chain.'),
      event: z.string(),
      line: z.string().describe('UTC, with the day where it is another than the line before.'),
    }),
  ),
  next_cursor: z.string().nullable(),
  checkpoint: z
    .object({ size: z.number().int(), root: z.string(), time: z.string() })
    .nullable()
    .describe('The last signed one: covers events up to seq `size`.'),
  arguments_erased: z.boolean().describe('Whether what was asked for has been erased.'),
});
export type AuditTrail = z.infer<typeof auditTrailSchema>;
