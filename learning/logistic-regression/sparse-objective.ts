import { pairwiseSum } from '../arithmetic/pairwise-sum.ts';
import type { Objective } from '../lbfgs/minimise.ts';
import type { SparseMatrix } from '../matrix/matrix.ts';
import { multiplyRows, transpose } from '../matrix/sparse-matrix.ts';
import { CHUNK_ROWS, chunkCount } from './dense-chunks.ts';
import { addPenalty } from './penalty.ts';
import type { LossFunction } from './pointwise-loss.ts';

export interface SparseProblem {
  readonly matrix: SparseMatrix;
  /** [rows] class of each row, from 0. */
  readonly codes: Int32Array;
  readonly outputs: number;
  readonly loss: LossFunction;
}

/**
 * The regularised mean loss over a sparse matrix. Two passes: predictions by row, then the
 * gradient by column from a transposed copy, so that every entry of the gradient is one sum in
 * row order. Both passes can be cut into ranges for threads without changing a bit.
 * Parameters: [outputs x columns] coefficients, then [outputs] intercepts.
 * @param strength 1 / (C rows)
 */
export function createSparseObjective(problem: SparseProblem, strength: number): Objective {
  const { matrix, codes, outputs, loss } = problem;
  const { rows, columns } = matrix;
  const byColumn = transpose(matrix);
  const losses = new Float64Array(chunkCount(rows));
  const predictions = new Float64Array(outputs * rows);
  const pointwise = { predictions, stride: rows, codes, total: rows };
  return {
    size: outputs * (columns + 1),
    evaluate(parameters, gradient) {
      const intercepts = outputs * columns;
      for (let k = 0; k < outputs; k++) {
        const weights = parameters.subarray(k * columns, (k + 1) * columns);
        const out = predictions.subarray(k * rows, (k + 1) * rows);
        const addend = parameters[intercepts + k]!;
        multiplyRows(matrix, weights, out, { first: 0, end: rows, addend });
      }
      for (let chunk = 0; chunk < losses.length; chunk++) {
        const first = chunk * CHUNK_ROWS;
        losses[chunk] = loss(pointwise, first, Math.min(first + CHUNK_ROWS, rows), first);
      }
      for (let k = 0; k < outputs; k++) {
        const residuals = predictions.subarray(k * rows, (k + 1) * rows);
        const out = gradient.subarray(k * columns, (k + 1) * columns);
        multiplyRows(byColumn, residuals, out, { first: 0, end: columns, addend: 0 });
        gradient[intercepts + k] = pairwiseSum(residuals);
      }
      return pairwiseSum(losses) / rows + addPenalty(parameters, gradient, intercepts, strength);
    },
  };
}
