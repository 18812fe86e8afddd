import { countCodes } from '../labels/encode-labels.ts';
import { LearningError } from '../learning-error.ts';
import { createRandomState } from '../random/random-state.ts';
import { approximateMode } from './approximate-mode.ts';
import { testSetSize } from './test-set-size.ts';

export interface Split {
  /** Row indices, in scikit-learn's order. */
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/**
 * `train_test_split(rows, test_size=…, random_state=seed, stratify=labels)` of scikit-learn, index
 * for index, with the test set grown where `testSetSize` says so.
 * @param request.codes [rows] class of each row as a position among the sorted labels
 * @param request.testSize fraction between 0 and 1
 * @param request.seed integer in [0, 2^32)
 * @throws LearningError 'class-with-one-row', 'too-few-rows', 'test-size'
 */
export function stratifiedSplit(request: {
  readonly codes: Int32Array;
  readonly classCount: number;
  readonly testSize: number;
  readonly seed: number;
}): Split {
  const { codes, classCount, testSize, seed } = request;
  const counts = countCodes(codes, classCount);
  const lonely = counts.findIndex((count) => count < 2);
  if (lonely >= 0) {
    throw new LearningError(
      'class-with-one-row',
      'A class has fewer than two rows, so it cannot be in both the training and the test set.',
      { class: lonely, classRows: counts[lonely]! },
    );
  }
  const { testRows } = testSetSize({ rows: codes.length, classCount, testSize });
  const random = createRandomState(seed);
  const trainCounts = approximateMode(counts, codes.length - testRows, random);
  const left = counts.map((count, code) => count - trainCounts[code]!);
  const testCounts = approximateMode(left, testRows, random);

  const train: number[] = [];
  const test: number[] = [];
  rowsByClass(codes, counts).forEach((rows, code) => {
    const trainEnd = trainCounts[code]!;
    const testEnd = trainEnd + testCounts[code]!;
    random.permutation(rows.length).forEach((position, i) => {
      if (i < trainEnd) train.push(rows[position]!);
      else if (i < testEnd) test.push(rows[position]!);
    });
  });
  return {
    train: random.permutation(Int32Array.from(train)),
    test: random.permutation(Int32Array.from(test)),
  };
}

/** The rows of each class, ascending. */
function rowsByClass(codes: Int32Array, counts: Int32Array): readonly Int32Array[] {
  const groups = Array.from(counts, (count) => new Int32Array(count));
  const filled = new Int32Array(counts.length);
  codes.forEach((code, row) => {
    const position = filled[code]!;
    (groups[code] as Int32Array)[position] = row;
    filled[code] = position + 1;
  });
  return groups;
}
