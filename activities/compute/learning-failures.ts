import type { LearningError, LearningReason } from '../../learning/learning-error.ts';
import { Failure, type FailureCode } from '../../schemas/failure.ts';

/** What a reason of learning/ means to the caller, and what to do about it. */
const FAILURE_OF: Readonly<Record<LearningReason, { code: FailureCode; hint: string }>> = {
  'too-few-rows': {
    code: 'TOO_FEW_ROWS',
    hint: 'Add rows: every class needs one in the training set and one in the test set.',
  },
  'class-with-one-row': {
    code: 'CLASS_TOO_SMALL',
    hint: 'Add rows of that class, or leave it out of the data.',
  },
  'one-class': { code: 'ONE_CLASS', hint: 'Choose a target with at least two different labels.' },
  'continuous-labels': {
    code: 'TOO_MANY_CLASSES',
    hint: 'Choose a target with classes; measured numbers can’t be classified.',
  },
  'mixed-label-types': {
    code: 'MIXED_LABELS',
    hint: 'Give all labels one type: all numbers or all strings.',
  },
  'not-finite': {
    code: 'VALUE_OUT_OF_RANGE',
    hint: 'Scale the features: the numbers ran out of what a double can hold.',
  },
  'empty-vocabulary': {
    code: 'EMPTY_VOCABULARY',
    hint: 'Use texts with words of at least two letters.',
  },
  'test-size': { code: 'INVALID_REQUEST', hint: 'Give params.test_size as a fraction like 0.2.' },
  shape: { code: 'INTERNAL', hint: 'The worker’s log has the details.' },
};

/** A learning error in our closed list of codes. */
export function learningFailure(error: LearningError): Failure {
  const { code, hint } = FAILURE_OF[error.reason];
  return new Failure(code, error.message, hint, { cause: error });
}
