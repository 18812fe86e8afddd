import { LearningError } from '../learning-error.ts';

export interface TestSetSize {
  readonly testRows: number;
  /** True when the fraction alone gave fewer test rows than there are classes. */
  readonly grown: boolean;
}

/**
 * Rows of the test set: ceil(testSize * rows) as in scikit-learn, but at least one row a class,
 * where scikit-learn's `train_test_split` raises.
 * @throws LearningError 'test-size' for a fraction outside (0, 1), 'too-few-rows' when fewer
 *   training rows than classes remain
 */
export function testSetSize(request: {
  readonly rows: number;
  readonly classCount: number;
  readonly testSize: number;
}): TestSetSize {
  const { rows, classCount, testSize } = request;
  if (!(testSize > 0 && testSize < 1)) {
    throw new LearningError('test-size', 'The test size is a fraction between 0 and 1.');
  }
  const asked = Math.ceil(testSize * rows);
  const testRows = Math.max(asked, classCount);
  if (rows - testRows < Math.max(classCount, 1)) {
    throw new LearningError(
      'too-few-rows',
      `${rows} rows do not give ${classCount} classes a training row and a test row each.`,
      { rows, classCount, testRows },
    );
  }
  return { testRows, grown: testRows > asked };
}
