import { z } from 'zod';

import { getRunSchema, runExperimentSchema } from './request.ts';
import { runAnswerSchema } from './run-view.ts';

/** Why something is done to a run, for those who look at it later. */
export const reasonSchema = z
  .string()
  .transform((reason) => reason.replaceAll(/[\p{Cc}\p{Cs}]+/gu, ' ').trim())
  .pipe(z.string().min(1).max(500));

export const retryRunSchema = z.strictObject({
  run_id: getRunSchema.shape.run_id.describe('run_id or workflow_id.'),
  step: z
    .string()
    .refine((step) => step !== '' && step.length <= 50, 'must be 1 to 50 characters')
    .optional()
    .describe('Where to start again; the step that failed or was stopped unless given.'),
  reason: reasonSchema.describe('What has changed since; kept in Temporal.'),
  wait_seconds: runExperimentSchema.shape.wait_seconds.describe('As in mlflow_run_experiment.'),
  tracking_uri: getRunSchema.shape.tracking_uri,
});
export type RetryRunRequest = z.infer<typeof retryRunSchema>;

/** What mlflow_retry_run answers. */
export const retryAnswerSchema = runAnswerSchema.extend({
  retried_from: z.string().describe('The first step that is done again.'),
});
