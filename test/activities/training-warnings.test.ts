import { expect, it } from 'vitest';

import { trainingWarnings } from '../../activities/training-warnings.ts';

const warningsOf = (status: Parameters<typeof trainingWarnings>[0]['status'], unseenClasses = 0) =>
  trainingWarnings(
    { status, iterations: 90, unseenClasses },
    { max_iter: 100, test_size: 0.2 },
    { classCount: 4 },
  );

it.each(['gradient-small', 'progress-small'] as const)('has none after %s', (status) => {
  expect(warningsOf(status)).toEqual([]);
});

it('names the remedy that fits how the training ended', () => {
  expect(warningsOf('iteration-limit')).toEqual([
    'The training did not converge within max_iter 100: scale the features, or raise max_iter.',
  ]);
  expect(warningsOf('evaluation-limit')).toEqual([
    'The training did not converge in 90 iterations, which took as many evaluations of the loss ' +
      'as scikit-learn grants: scale the features. A greater max_iter changes nothing.',
  ]);
  expect(warningsOf('line-search-failed')).toEqual([
    'The training did not converge: after 90 iterations no step improves it. Scale the features.',
  ]);
});

it('tells of classes that nothing was learnt of', () => {
  expect(warningsOf('gradient-small', 1)).toEqual([
    '1 of 4 classes have no row in the training set and are never predicted: ' +
      'add rows of them, or lower test_size 0.2.',
  ]);
});
