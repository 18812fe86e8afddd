import { pairwiseSum } from '../arithmetic/pairwise-sum.ts';
import { marginals } from './confusion-matrix.ts';

/** Share of rows on the diagonal. */
export function accuracy(matrix: Int32Array, classCount: number): number {
  let hits = 0;
  let rows = 0;
  matrix.forEach((count, at) => {
    rows += count;
    if (at % (classCount + 1) === 0) hits += count;
  });
  return hits / rows;
}

/** Mean recall of the classes that are true somewhere: `balanced_accuracy_score`. */
export function balancedAccuracy(matrix: Int32Array, classCount: number): number {
  const { actual } = marginals(matrix, classCount);
  const recalls = [...actual.keys()]
    .filter((code) => actual[code]! > 0)
    .map((code) => matrix[code * classCount + code]! / actual[code]!);
  return pairwiseSum(Float64Array.from(recalls)) / recalls.length;
}

/**
 * Matthews correlation for any number of classes (Gorodkin 2004): `matthews_corrcoef`; 0 when all
 * rows are of one class or predicted as one.
 */
export function matthewsCorrelation(matrix: Int32Array, classCount: number): number {
  const { actual, predicted } = marginals(matrix, classCount);
  let hits = 0;
  let rows = 0;
  let actualActual = 0;
  let actualPredicted = 0;
  let predictedPredicted = 0;
  for (let code = 0; code < classCount; code++) {
    hits += matrix[code * classCount + code]!;
    rows += actual[code]!;
    actualActual += actual[code]! ** 2;
    actualPredicted += actual[code]! * predicted[code]!;
    predictedPredicted += predicted[code]! ** 2;
  }
  const spread = (rows ** 2 - predictedPredicted) * (rows ** 2 - actualActual);
  return spread === 0 ? 0 : (hits * rows - actualPredicted) / Math.sqrt(spread);
}
