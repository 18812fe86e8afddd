import type { Label } from '../../../learning/labels/encode-labels.ts';
import type { Params } from '../../../schemas/request.ts';

export interface SparseRows {
  readonly rowStarts: readonly number[];
  readonly columnIndices: readonly number[];
  readonly values: readonly number[];
}

export interface ReferenceFit {
  readonly iterations: number;
  readonly converged: boolean;
  readonly loss: number;
  readonly coefficients: readonly number[];
  readonly intercepts: readonly number[];
  readonly predicted: readonly number[];
  readonly probabilities: readonly number[];
}

interface ReferenceEvaluation {
  readonly metrics: Readonly<Record<string, number>>;
  readonly perClass: readonly Readonly<Record<string, number>>[];
  readonly confusion: readonly number[];
}

/** Where a whole experiment has its data from; `text` names the column of a text task. */
export type ExperimentSource = { readonly target: string; readonly text?: string } & (
  | { readonly kind: 'csv' | 'parquet'; readonly path: string }
  | { readonly kind: 'sqlite'; readonly path: string; readonly query: string }
  | { readonly kind: 'records'; readonly records: string }
  | { readonly kind: 'rows'; readonly rows: Rows; readonly labels: readonly number[] }
);

export interface ReferenceExperiment {
  readonly labels: readonly Label[];
  readonly labelType: string;
  /** [rows] position of each row's label in `labels`. */
  readonly codes: readonly number[];
  readonly train: readonly number[];
  readonly test: readonly number[];
  readonly predicted: readonly number[];
  readonly probabilities: readonly number[];
  readonly iterations: number;
  readonly converged: boolean;
  readonly metrics: Readonly<Record<string, number>>;
  readonly again: readonly Pick<ReferenceExperiment, 'predicted' | 'iterations' | 'converged'>[];
}

type Rows = readonly (readonly number[])[];

/** A row of the table of operations that answer.py knows: what it takes. */
interface Questions {
  random: { seed: number; count: number };
  split: { labels: readonly Label[]; testSize: number; seed: number };
  dataset: { name: string; standardised: boolean };
  fit: {
    train: Rows | (SparseRows & { readonly rows: number; readonly columns: number });
    test: Rows | (SparseRows & { readonly rows: number; readonly columns: number });
    codes: readonly number[];
    params: { C: number; max_iter: number; tol: number };
    /** Further fits on permuted rows. */
    again: number;
    optimum?: boolean;
  };
  tfidf: { train: readonly string[]; test: readonly string[]; maxFeatures: number };
  tokens: { texts: readonly string[] };
  evaluate: {
    actual: readonly number[];
    predicted: readonly number[];
    probabilities: readonly number[];
    classCount: number;
  };
  /** `again`: further fits on permuted rows. */
  experiment: { source: ExperimentSource; params: Params; again?: number };
  sums: { arrays: Rows };
  logs: { values: readonly number[] };
  unicode: Record<never, never>;
}

/** And what it answers. */
export interface Answers {
  random: {
    uniform: readonly number[];
    normal: readonly number[];
    permutation: readonly number[];
    choice: readonly number[];
  };
  split: {
    classes: readonly Label[];
    counts: readonly number[];
    train: readonly number[];
    test: readonly number[];
  };
  dataset: { rows: Rows; codes: readonly number[] };
  fit: { fits: readonly ReferenceFit[]; optimum?: readonly number[] };
  tfidf: {
    terms: readonly string[];
    idf: readonly number[];
    train: SparseRows;
    test: SparseRows;
    counts: Readonly<Record<string, number>>;
  };
  tokens: readonly (readonly string[])[];
  evaluate: ReferenceEvaluation;
  experiment: ReferenceExperiment;
  sums: readonly number[];
  logs: readonly number[];
  unicode: {
    version: string;
    words: string;
    assigned: string;
    lower: Readonly<Record<string, string>>;
  };
}

export type Problem<Op extends keyof Questions> = { op: Op } & Questions[Op];
