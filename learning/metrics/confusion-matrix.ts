/** [classes x classes] row-major: rows are the true classes, columns the predicted ones. */
export function confusionMatrix(
  actual: Int32Array,
  predicted: Int32Array,
  classCount: number,
): Int32Array {
  const matrix = new Int32Array(classCount * classCount);
  actual.forEach((code, row) => {
    matrix[code * classCount + predicted[row]!]! += 1;
  });
  return matrix;
}

/** Rows and columns of a confusion matrix, summed: how often each class is true, and predicted. */
export function marginals(
  matrix: Int32Array,
  classCount: number,
): { readonly actual: Float64Array; readonly predicted: Float64Array } {
  const actual = new Float64Array(classCount);
  const predicted = new Float64Array(classCount);
  matrix.forEach((count, at) => {
    actual[Math.floor(at / classCount)]! += count;
    predicted[at % classCount]! += count;
  });
  return { actual, predicted };
}
