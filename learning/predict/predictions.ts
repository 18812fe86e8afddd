import { pairwiseSum } from '../arithmetic/pairwise-sum.ts';
import { multiplyBlock } from '../matrix/dense-products.ts';
import type { Matrix } from '../matrix/matrix.ts';
import { multiplyRows } from '../matrix/sparse-matrix.ts';
import type { LinearModel } from '../trained-model.ts';

export interface Predictions {
  /** [rows] predicted class as a position among the sorted labels */
  readonly codes: Int32Array;
  /** [rows x classes] row-major */
  readonly probabilities: Float64Array;
}

/** `predict` and `predict_proba` of scikit-learn's LogisticRegression. */
export function predict(model: LinearModel, matrix: Matrix): Predictions {
  const decisions = decisionValues(model, matrix);
  return model.classCount === 2
    ? { codes: Int32Array.from(decisions, isPositive), probabilities: sigmoids(decisions) }
    : {
        codes: argmax(decisions, model.classCount),
        probabilities: softmax(decisions, model.classCount),
      };
}

/**
 * X W' + b, row-major: one value a row for two classes (log-odds of the second), else one a class.
 * @throws RangeError when the matrix has another number of columns than the model has features
 */
export function decisionValues(model: LinearModel, matrix: Matrix): Float64Array {
  const { coefficients, intercepts, featureCount } = model;
  const { rows, columns } = matrix;
  if (columns !== featureCount) {
    throw new RangeError(`The model has ${featureCount} features, the data ${columns}.`);
  }
  const outputs = intercepts.length;
  const decisions = new Float64Array(rows * outputs);
  const column = new Float64Array(rows);
  intercepts.forEach((intercept, k) => {
    const weights = coefficients.subarray(k * columns, (k + 1) * columns);
    if (matrix.kind === 'dense') multiplyBlock(matrix.values, weights, intercept, column);
    else multiplyRows(matrix, weights, column, { first: 0, end: rows, addend: intercept });
    for (let i = 0; i < rows; i++) decisions[i * outputs + k] = column[i]!;
  });
  return decisions;
}

/** A decision of exactly zero goes to the first class. */
function isPositive(decision: number): number {
  return decision > 0 ? 1 : 0;
}

function argmax(decisions: Float64Array, classCount: number): Int32Array {
  return new Int32Array(decisions.length / classCount).map((_, row) => {
    const from = row * classCount;
    let best = 0;
    for (let k = 0; k < classCount; k++) {
      // The first of equal ones; a NaN, from features that overflow, wins as in numpy.
      if (Number.isNaN(decisions[from + k]!)) return k;
      if (decisions[from + k]! > decisions[from + best]!) best = k;
    }
    return best;
  });
}

function sigmoids(decisions: Float64Array): Float64Array {
  const probabilities = new Float64Array(2 * decisions.length);
  decisions.forEach((decision, row) => {
    const positive = 1 / (1 + Math.exp(-decision));
    probabilities[2 * row] = 1 - positive;
    probabilities[2 * row + 1] = positive;
  });
  return probabilities;
}

function softmax(decisions: Float64Array, classCount: number): Float64Array {
  const probabilities = new Float64Array(decisions.length);
  for (let from = 0; from < decisions.length; from += classCount) {
    const end = from + classCount;
    let largest = -Infinity;
    for (let k = from; k < end; k++) largest = Math.max(largest, decisions[k]!);
    for (let k = from; k < end; k++) probabilities[k] = Math.exp(decisions[k]! - largest);
    const sum = pairwiseSum(probabilities, from, end);
    for (let k = from; k < end; k++) probabilities[k]! /= sum;
  }
  return probabilities;
}
