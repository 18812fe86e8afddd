import type { ModelKind } from '../../learning/models.ts';
import type { LinearModel } from '../../learning/trained-model.ts';
import type { LabelValue } from '../../schemas/dataset.ts';
import type { DataProfile } from './profile/data-profile.ts';

export interface LossPoint {
  readonly iteration: number;
  readonly loss: number;
}

/** What a report is made of: the test set's predictions, the model, and the facts of its run. */
export interface ReportInput {
  readonly kind: ModelKind;
  /** [classes] in the order of the codes */
  readonly labels: readonly LabelValue[];
  /** [test rows] class codes; at least one row */
  readonly actual: Int32Array;
  readonly predicted: Int32Array;
  /** [test rows x classes] row-major */
  readonly probabilities: Float64Array;
  /** [test rows] position of each among the dataset's rows, from 0 */
  readonly testRows: Int32Array;
  /** As `evaluate` of learning/metrics names them. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly linear: LinearModel;
  /** [features] column names of a tabular model, terms of a text model */
  readonly features: readonly string[];
  /** By rising iteration; empty when it was not recorded. */
  readonly loss: readonly LossPoint[];
  readonly profile: DataProfile;
  readonly facts: RunFacts;
}

/** What is known of a run beside its numbers. Nothing in it may be a secret. */
export interface RunFacts {
  readonly experimentName: string;
  readonly runId: string;
  readonly workflowId: string;
  /** The source as a person would name it, without credentials. */
  readonly source: string;
  readonly target: string;
  readonly rows: number;
  readonly trainRows: number;
  readonly testRows: number;
  readonly iterations: number;
  readonly converged: boolean;
  /** Resolved hyper-parameters, the seed among them. */
  readonly params: Readonly<Record<string, string | number>>;
  /** Steps of the run that have ended, in order. */
  readonly steps: readonly { readonly step: string; readonly ms: number }[];
  readonly warnings: readonly string[];
  /** SHA-256 (hex) by what was hashed: dataset, source, split, model, experiment. */
  readonly hashes: Readonly<Record<string, string>>;
  /** Version by name: code, node, onnx. */
  readonly versions: Readonly<Record<string, string>>;
  /** Where a person can look further; an address that is not http(s) is shown as text. */
  readonly links: readonly { readonly name: string; readonly url: string }[];
  /** What mlflow.pyfunc.load_model takes: `runs:/<run>/model`. */
  readonly modelUri: string;
  readonly caller?: string;
  /** ISO 8601, from the workflow's clock. */
  readonly loggedAt?: string;
}
