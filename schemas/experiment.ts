import { z } from 'zod';

import type { datasetRefSchema, splitRefSchema } from './dataset.ts';
import type { FailureDetails } from './failure.ts';
import type { Limits, ModelKind, Params } from './request.ts';
import { blobRefSchema, type StoredSource } from './source.ts';

/**
 * What the workflow is started with. It stands in Temporal's history for as long as that lives:
 * no rows, no secrets, and never more than 64 KiB.
 */
export interface ExperimentInput {
  readonly experimentName: string;
  readonly model: ModelKind;
  readonly source: StoredSource;
  readonly params: Params;
  readonly limits: Limits;
  /** An allowed MLflow server, or null for the worker's own default. */
  readonly trackingUri: string | null;
  /** Who asked, for the run's tags. */
  readonly caller: string;
}

/** A source that passed validation; `features` holds at most the first hundred names. */
export interface ValidatedSource {
  readonly display: string;
  readonly columnCount: number;
  readonly featureCount: number;
  readonly features: readonly string[];
  /** One letter a feature, see activities/feature-types.ts. */
  readonly featureTypes: string;
}

export interface OpenInput {
  readonly request: ExperimentInput;
  /** True in a workflow run that a reset made: its MLflow run may exist already. */
  readonly reset: boolean;
}

/** The MLflow run of this experiment. */
export interface OpenedRun {
  readonly experimentId: string;
  readonly runId: string;
  readonly artifactUri: string;
  /** True when no second run of this workflow can ever appear: nothing to reconcile at the end. */
  readonly sole: boolean;
}

export const modelRefSchema = z.object({
  blob: blobRefSchema,
  iterations: z.number().int(),
  converged: z.boolean(),
  loss: z.number(),
  featureCount: z.number().int(),
  warnings: z.array(z.string()),
});
export type ModelRef = z.infer<typeof modelRefSchema>;

export const metricsSchema = z.record(z.string(), z.number());
export type Metrics = z.infer<typeof metricsSchema>;

export const evaluationRefSchema = z.object({
  predictions: blobRefSchema,
  metrics: metricsSchema,
});
export type EvaluationRef = z.infer<typeof evaluationRefSchema>;

/** Everything that the log step writes into the MLflow run. */
export interface LogInput {
  readonly run: OpenedRun;
  readonly request: ExperimentInput;
  readonly validated: ValidatedSource;
  readonly dataset: z.infer<typeof datasetRefSchema>;
  readonly split: z.infer<typeof splitRefSchema>;
  readonly model: ModelRef;
  readonly evaluation: EvaluationRef;
}

export interface LoggedRun {
  readonly artifacts: readonly string[];
}

export interface CloseInput {
  readonly request: ExperimentInput;
  /** Null when the run failed before it was known: then it is looked for by its tag. */
  readonly run: OpenedRun | null;
  readonly status: 'FINISHED' | 'FAILED' | 'KILLED';
  /** True when an earlier execution may have closed this run as FAILED already. */
  readonly reset: boolean;
  readonly failure: FailureDetails | null;
}

export interface ExperimentResult {
  readonly runId: string;
  readonly experimentId: string;
  readonly metrics: Metrics;
  readonly warnings: readonly string[];
}
