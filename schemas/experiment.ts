import { z } from 'zod';

import type { datasetRefSchema, splitRefSchema } from './dataset.ts';
import type { FailureDetails } from './failure.ts';
import type { Limits, ModelKind, Params, Registration } from './request.ts';
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
  /** Whose run it is; left out for the default tenant, as in runs of earlier versions. */
  readonly tenant?: string | undefined;
  readonly register?: Registration | undefined;
  readonly reuse?: boolean | undefined;
  /** MLflow run that this one repeats, to see whether it comes to the same. */
  readonly rerunOf?: string | undefined;
  /** What the data has to be, or the run fails with DATA_CHANGED. */
  readonly demandedData?: DemandedData | undefined;
}

/** Data by its hashes, SHA-256 (hex): of the loaded dataset, and of the source's own bytes where it has bytes. */
export interface DemandedData {
  readonly sha256: string;
  readonly sourceSha256: string | null;
}

/** What an attempt of a step took; the interceptor of attempts adds it to the step's result. */
export interface StepUsage {
  readonly seconds: number;
  /** Of the threads and processes that worked for this step. */
  readonly cpuSeconds: number;
  /** Greatest memory of the worker, or of a reader process, that was seen while it ran. */
  readonly peakBytes: number;
}
export interface Measured {
  readonly usage?: StepUsage;
}

/** A source that passed validation; `features` holds the first names, at most a hundred. */
export interface ValidatedSource extends Measured {
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
export interface OpenedRun extends Measured {
  readonly experimentId: string;
  readonly runId: string;
  readonly artifactUri: string;
  /** True when no second run of this workflow can ever appear: nothing to reconcile at the end. */
  readonly sole: boolean;
}

export interface ReopenInput {
  readonly request: ExperimentInput;
  readonly run: OpenedRun;
}

export const modelRefSchema = z.object({
  blob: blobRefSchema,
  iterations: z.number().int(),
  converged: z.boolean(),
  loss: z.number(),
  featureCount: z.number().int(),
  warnings: z.array(z.string()),
});
export type ModelRef = z.infer<typeof modelRefSchema> & Measured;

export const metricsSchema = z.record(z.string(), z.number());
export type Metrics = z.infer<typeof metricsSchema>;

/** True for what a model is judged by; the name of anything else that a run logs has a slash. */
export const isQualityMetric = (name: string): boolean => !name.includes('/');

export const evaluationRefSchema = z.object({
  predictions: blobRefSchema,
  metrics: metricsSchema,
});
export type EvaluationRef = z.infer<typeof evaluationRefSchema> & Measured;

/** Everything that the log step writes into the MLflow run. */
export interface LogInput {
  readonly run: OpenedRun;
  readonly request: ExperimentInput;
  readonly validated: ValidatedSource;
  readonly dataset: z.infer<typeof datasetRefSchema> & Measured;
  readonly split: z.infer<typeof splitRefSchema> & Measured;
  readonly model: ModelRef;
  readonly evaluation: EvaluationRef;
  /** As in OpenInput; old workflows do not say. */
  readonly reset?: boolean;
}

/** How the exported model's predictions compare with those that the run was measured by. */
export interface ModelProof {
  /** Test rows compared. */
  readonly rows: number;
  readonly differentLabels: number;
  /** Between two probabilities of the same class. */
  readonly largestDifference: number;
  readonly passed: boolean;
}

/** A model as MLflow holds it. */
export interface LoggedModelRef {
  readonly modelId: string;
  /** Of its ONNX file. */
  readonly bytes: number;
  readonly proof: ModelProof;
}

export interface LoggedRun {
  readonly artifacts: readonly string[];
  readonly warnings?: readonly string[];
  /** Runs of earlier versions have none. */
  readonly model?: LoggedModelRef;
}

export interface ReuseInput {
  readonly request: ExperimentInput;
  readonly validated: ValidatedSource;
}

/** A finished run of the same experiment, or what is needed to go on without one. */
export interface ReuseAnswer {
  readonly origin: Origin | null;
  /** The dataset, where it had to be loaded to be compared. */
  readonly dataset: (z.infer<typeof datasetRefSchema> & Measured) | null;
}

/** The run whose results are used again. */
export interface Origin {
  readonly runId: string;
  readonly experimentId: string;
  readonly metrics: Metrics;
  readonly modelId: string;
  readonly warnings: readonly string[];
}

export interface RegisterInput {
  readonly request: ExperimentInput;
  readonly registration: Registration;
  readonly runId: string;
  readonly modelId: string;
  readonly metrics: Metrics;
}

/** What became of the wish to register a model. */
export const registeredSchema = z.object({
  model_name: z.string(),
  version: z.string().nullable().describe('Null when the model was not good enough to be kept.'),
  champion: z.boolean().describe('Whether the alias champion points to this version now.'),
  reason: z.string(),
});
export type Registered = z.infer<typeof registeredSchema>;

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
  /** Runs of earlier versions have none. */
  readonly modelId?: string;
  /** True when `runId` is an earlier run of the same experiment. */
  readonly reused?: boolean;
  readonly registered?: Registered;
}
