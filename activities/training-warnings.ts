import type { DatasetRef } from '../schemas/dataset.ts';
import type { Params } from '../schemas/request.ts';
import type { FitOutput } from './compute/fit-model.ts';

/** What the caller should know of a training that ended otherwise than it should. */
export function trainingWarnings(
  fitted: Pick<FitOutput, 'status' | 'iterations' | 'unseenClasses'>,
  { max_iter, test_size }: Pick<Params, 'max_iter' | 'test_size'>,
  { classCount }: Pick<DatasetRef, 'classCount'>,
): string[] {
  const { unseenClasses } = fitted;
  return [
    ...unconverged(fitted, max_iter),
    ...(unseenClasses > 0
      ? [
          `${unseenClasses} of ${classCount} classes have no row in the training set and are never ` +
            `predicted: add rows of them, or lower test_size ${test_size}.`,
        ]
      : []),
  ];
}

function unconverged(
  { status, iterations }: Pick<FitOutput, 'status' | 'iterations'>,
  max_iter: number,
): string[] {
  switch (status) {
    case 'iteration-limit':
      return [
        `The training did not converge within max_iter ${max_iter}: ` +
          'scale the features, or raise max_iter.',
      ];
    case 'evaluation-limit':
      return [
        `The training did not converge in ${iterations} iterations, which took as many evaluations ` +
          'of the loss as scikit-learn grants: scale the features. A greater max_iter changes nothing.',
      ];
    case 'line-search-failed':
      return [
        `The training did not converge: after ${iterations} iterations no step improves it. ` +
          'Scale the features.',
      ];
    default:
      return [];
  }
}
