import { z } from 'zod';

import { sourceSchema } from './source.ts';

export const MODELS = ['logreg_tabular', 'logreg_text'] as const;
export const modelSchema = z.enum(MODELS);
export type ModelKind = z.infer<typeof modelSchema>;

/** Hyper-parameters with scikit-learn's names; the defaults are the mission document's. */
export const paramsSchema = z.strictObject({
  C: z.number().positive().max(1e12).default(1).describe('Inverse regularisation strength.'),
  max_iter: z.number().int().min(1).max(100_000).default(1000),
  tol: z.number().positive().max(1).default(1e-4),
  test_size: z.number().gt(0).lt(1).default(0.2).describe('Fraction of rows in the test set.'),
  seed: z.number().int().min(0).max(4_294_967_295).default(42),
});
export type Params = z.infer<typeof paramsSchema>;

/** What one run may cost at most; the server's own limits stand above these. */
export const limitsSchema = z.strictObject({
  timeout_seconds: z
    .number()
    .int()
    .min(1)
    .max(7 * 86_400)
    .optional(),
  max_rows: z.number().int().min(1).optional(),
  max_bytes: z.number().int().min(1).optional(),
});
export type Limits = z.infer<typeof limitsSchema>;

/** Metrics that a gate may ask for: greater is better. The areas under curves exist for two classes or more than two. */
export const GATE_METRICS = [
  'accuracy',
  'balanced_accuracy',
  'f1_weighted',
  'f1_macro',
  'precision_weighted',
  'precision_macro',
  'recall_weighted',
  'recall_macro',
  'matthews_correlation',
  'roc_auc',
  'pr_auc',
  'roc_auc_ovr_weighted',
  'pr_auc_ovr_weighted',
] as const;

/** Names that MLflow takes, and that fit into an address. */
// eslint-disable-next-line no-control-regex -- no name may hold one
const MODEL_NAME = /^[^/:?@\\%"'\x00-\x1f\x7f-\x9f]+$/;

/** Puts the model into MLflow's registry, and in front of the others if it passes the gate. */
export const registerSchema = z.strictObject({
  model_name: z
    .string()
    .min(1)
    .max(200)
    .regex(MODEL_NAME, 'may not hold control characters, / : ? @ % \\ or quotes')
    .refine(
      (name) => name.trim() === name && !['', '.', '..'].includes(name) && name.isWellFormed(),
      'may not be blank, begin or end with a space, or be . or ..',
    )
    .describe('Registered model; created when it does not exist. Every run adds a version.'),
  metric: z.enum(GATE_METRICS).default('f1_weighted').describe('What the gate looks at.'),
  minimum: z.number().optional().describe('The alias champion moves only from this value on.'),
  beat_champion: z
    .boolean()
    .default(true)
    .describe('The alias champion moves only if the metric is greater than its present holder’s.'),
});
export type Registration = z.infer<typeof registerSchema>;

/** Written out: Python's validators know no \\p{…}. */
// eslint-disable-next-line no-control-regex -- no name may hold one
const EXPERIMENT_NAME = /^[^/\\%"'\x00-\x1f\x7f-\x9f][^\\%"'\x00-\x1f\x7f-\x9f]*$/;

export const runExperimentSchema = z.strictObject({
  experiment_name: z
    .string()
    // MLflow's tables hold 256, of which a tenant's name takes up to 41.
    .max(200)
    .regex(EXPERIMENT_NAME, 'may not be empty or hold control characters, quotes, % or backslashes')
    .refine((name) => name.isWellFormed(), 'is not well-formed Unicode')
    .refine((name) => name.trim() !== '', 'may not be blank')
    .describe('MLflow experiment; created when it does not exist.'),
  model: modelSchema
    .default('logreg_tabular')
    .describe('logreg_text reads one text column. Inline records always train logreg_text.'),
  tracking_uri: z
    .string()
    .max(2048)
    .optional()
    .describe('MLflow server, of those on the server’s allow-list; the other tools take it, too.'),
  source: sourceSchema,
  params: paramsSchema.prefault({}),
  register: registerSchema.optional().describe('Register the model, behind a gate.'),
  reuse: z
    .boolean()
    .optional()
    .describe('Answer with a finished run of the same data, params and code, if there is one.'),
  limits: limitsSchema.prefault({}),
  idempotency_key: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('The same key always means the same run: send it again after a lost answer.'),
  wait_seconds: z
    .number()
    .min(0)
    .max(45)
    .optional()
    .describe(
      'How long to wait for the end before answering with status RUNNING: 30 unless given, at most 45.',
    ),
});
export type RunExperimentRequest = z.infer<typeof runExperimentSchema>;

export const getRunSchema = z.strictObject({
  run_id: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[A-Za-z0-9_.-]+$/, 'holds letters, digits, dots, dashes and underscores only')
    .describe('run_id of mlflow_run_experiment, or its workflow_id.'),
  tracking_uri: z.string().max(2048).optional(),
  wait_seconds: z
    .number()
    .min(0)
    .max(45)
    .default(0)
    .describe('Waits so long, at most 45, for the end or, with a cursor, for a change.'),
  cursor: z
    .string()
    .max(64)
    .optional()
    .describe(
      'The cursor of an earlier answer: the wait ends as soon as something has changed since.',
    ),
  detail: z
    .enum(['summary', 'full'])
    .default('summary')
    .describe('full: every field of every step, and every param and artifact.'),
});
export type GetRunRequest = z.infer<typeof getRunSchema>;
