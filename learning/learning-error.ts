/** Why data cannot be learned from. The caller turns a reason into its own failure code. */
export type LearningReason =
  | 'too-few-rows'
  | 'class-with-one-row'
  | 'one-class'
  | 'continuous-labels'
  | 'mixed-label-types'
  | 'not-finite'
  | 'empty-vocabulary'
  | 'test-size'
  | 'shape';

/** The data, not the code, is at fault: trying again gives the same error. */
export class LearningError extends Error {
  override readonly name = 'LearningError';
  readonly reason: LearningReason;
  /** Counts and positions that explain the reason; never a value from the data. */
  readonly detail: Readonly<Record<string, number>>;

  constructor(
    reason: LearningReason,
    message: string,
    detail: Readonly<Record<string, number>> = {},
  ) {
    super(message);
    this.reason = reason;
    this.detail = detail;
  }
}
