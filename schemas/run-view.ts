import { z } from 'zod';

import { metricsSchema, registeredSchema } from './experiment.ts';
import { failureDetailsSchema } from './failure-details.ts';
import { progressSchema } from './progress.ts';

/** A failure of a run, with the ids to look it up by where there are any. */
export const runFailureSchema = failureDetailsSchema.extend({
  run_id: z.string().nullable().optional(),
  workflow_id: z.string().nullable().optional(),
  retry_after_seconds: z.number().int().optional(),
});
export type RunFailure = z.infer<typeof runFailureSchema>;

/** What mlflow_run_experiment answers. */
export const runAnswerSchema = z.object({
  run_id: z.string().nullable().describe('MLflow run; null until it is open.'),
  experiment_id: z.string().nullable(),
  status: z.enum(['RUNNING', 'FINISHED', 'FAILED', 'KILLED']),
  metrics: metricsSchema.describe('Empty until the run has ended.'),
  workflow_id: z.string().describe('Works in place of run_id in mlflow_get_run, from the start.'),
  warnings: z.array(z.string()),
  model_id: z.string().optional().describe('MLflow’s LoggedModel: load it as models:/<model_id>.'),
  reused: z.boolean().optional().describe('True when run_id is an earlier run of the same kind.'),
  registered: registeredSchema.optional().describe('What the registry and its gate decided.'),
  links: z.object({ mlflow: z.string().nullable(), temporal: z.string().nullable() }),
});
export type RunAnswer = z.infer<typeof runAnswerSchema>;

export const STEP_STATES = [
  'PENDING',
  'RUNNING',
  'WAITING',
  'COMPLETED',
  'FAILED',
  'CANCELLED',
] as const;

export const stepViewSchema = z.object({
  step: z.string(),
  status: z.enum(STEP_STATES).describe('WAITING: tried, failed, and due to be tried again.'),
  attempts: z.number().int(),
  started_at: z.string().nullable(),
  ended_at: z.string().nullable(),
  duration_ms: z.number().nullable(),
  waiting_since: z
    .string()
    .nullable()
    .describe('For what `failure` says or, before the first attempt, for a worker.'),
  next_attempt_at: z.string().nullable(),
  progress: progressSchema.optional(),
  failure: failureDetailsSchema.omit({ step: true }).nullable(),
});
export type StepView = z.infer<typeof stepViewSchema>;

export const workflowViewSchema = z.object({
  workflow_id: z.string(),
  run_id: z.string().describe('Temporal’s own id of this execution; a reset makes a new one.'),
  status: z.string(),
  started_at: z.string().nullable(),
  ended_at: z.string().nullable(),
});
export type WorkflowView = z.infer<typeof workflowViewSchema>;

/** What mlflow_get_run answers: the mission document's fields, then Temporal's side. */
export const runViewSchema = z.object({
  run_id: z.string().nullable(),
  experiment_id: z.string().nullable(),
  status: z.string().nullable().describe('MLflow’s status of the run.'),
  params: z.record(z.string(), z.string()),
  metrics: metricsSchema,
  artifacts: z.array(z.string()),
  workflow: workflowViewSchema.nullable(),
  steps: z.array(stepViewSchema),
  failure: failureDetailsSchema.nullable().describe('Why the run failed.'),
  warnings: z.array(z.string()),
  notes: z.array(z.string()).describe('Where Temporal and MLflow disagree, or one is away.'),
  cursor: z.string().describe('Differs as soon as the run is at another point.'),
  next_poll_seconds: z
    .number()
    .nullable()
    .describe('When to ask again, or how long to wait; null when the run has ended.'),
  links: z.object({ mlflow: z.string().nullable(), temporal: z.string().nullable() }),
});
export type RunView = z.infer<typeof runViewSchema>;

/** The same in short: steps without what is null, and the beginning of long lists. */
export const runSummarySchema = runViewSchema.extend({
  steps: z.array(stepViewSchema.partial().required({ step: true, status: true, attempts: true })),
  truncated: z.boolean().optional().describe('More params or artifacts than shown: detail full.'),
});
export type RunSummary = z.infer<typeof runSummarySchema>;
