import type { LabelValue } from '../../schemas/dataset.ts';
import { Failure } from '../../schemas/failure.ts';
import type { ColumnFault } from './value-findings.ts';

/** A failure's own words, as they go between processes. */
export type FailureWords = Pick<Failure, 'code' | 'message' | 'hint'>;

export interface ClassRows {
  readonly label: LabelValue;
  readonly rows: number;
}

/** The classes of a target; of many the largest and some of the smallest, with the largest first. */
export interface ClassBalance {
  readonly classCount: number;
  readonly classes: readonly ClassRows[];
}

/** What a reading had seen of a dataset when it was refused. */
export interface Survey {
  readonly rows: number;
  readonly faults: readonly ColumnFault[];
  /** Why it was not read to its end, if so: then there may be more of everything. */
  readonly ended: FailureWords | null;
  /** What is wrong with the values, one failure for each fault. */
  readonly values: readonly FailureWords[];
  /** What is wrong with the labels that are there; not known when the reading ended early. */
  readonly labels: FailureWords | null;
  /** Null when the labels make no classes. */
  readonly balance: ClassBalance | null;
}

/** What else was found out: by reading, or of declared types. */
export interface Evidence {
  readonly survey?: Survey;
  /** The features that are of a wrong type. */
  readonly wrongFeatures?: readonly string[];
}

/** A failure of the data, with what else was found out until then. */
export class SourceRefused extends Failure {
  readonly evidence: Evidence;

  constructor({ code, message, hint }: FailureWords, evidence: Evidence) {
    super(code, message, hint);
    this.evidence = evidence;
  }
}
