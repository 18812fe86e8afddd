import { pairwiseSum } from '../arithmetic/pairwise-sum.ts';
import { multiplyBlock, projectBlock } from '../matrix/dense-products.ts';
import type { DenseMatrix } from '../matrix/matrix.ts';
import { evenBounds, type Work } from '../parallel/crew.ts';
import { shared, sharedFloats } from '../parallel/shared-arrays.ts';
import { CHUNK_ROWS, chunkCount, partCount } from './chunks.ts';
import { lossOf } from './pointwise-loss.ts';

export interface DenseTerm {
  readonly kind: 'dense';
  readonly matrix: DenseMatrix;
  /** [rows] class of each row, from 0. */
  readonly codes: Int32Array;
  /** Rows of coefficients: 1 for two classes, else the number of classes. */
  readonly outputs: number;
  /** [outputs x columns] coefficients, then [outputs] intercepts: where to evaluate. */
  readonly parameters: Float64Array;
  /** [parts x parameters] gradient of each part's rows. */
  readonly gradients: Float64Array;
  /** [chunks] sum of the losses of each chunk's rows. */
  readonly losses: Float64Array;
}

export function denseTerm(matrix: DenseMatrix, codes: Int32Array, outputs: number): DenseTerm {
  const size = outputs * (matrix.columns + 1);
  return {
    kind: 'dense',
    matrix: { ...matrix, values: shared(matrix.values) },
    codes: shared(codes),
    outputs,
    parameters: sharedFloats(size),
    gradients: sharedFloats(partCount(matrix.rows) * size),
    losses: sharedFloats(chunkCount(matrix.rows)),
  };
}

/** One phase: a part is a run of chunks, whose gradients are added in their order. */
export function denseWork(term: DenseTerm): Work {
  const { matrix, parameters, gradients, losses, outputs } = term;
  const parts = partCount(matrix.rows);
  const bounds = evenBounds(losses.length, parts);
  const ofChunk = new Float64Array(parameters.length);
  const scratch = new Float64Array(outputs * CHUNK_ROWS);
  return {
    phases: [parts],
    perform(_phase, part) {
      const size = parameters.length;
      const gradient = gradients.subarray(part * size, (part + 1) * size);
      gradient.fill(0);
      for (let chunk = bounds[part]!; chunk < bounds[part + 1]!; chunk++) {
        losses[chunk] = evaluateChunk(term, chunk, ofChunk, scratch);
        for (let i = 0; i < size; i++) gradient[i]! += ofChunk[i]!;
      }
    },
  };
}

/** Mean loss from the work done; writes its gradient. */
export function collectDense(
  { matrix, gradients, losses }: DenseTerm,
  gradient: Float64Array,
): number {
  gradient.fill(0);
  for (let from = 0; from < gradients.length; from += gradient.length) {
    for (let i = 0; i < gradient.length; i++) gradient[i]! += gradients[from + i]!;
  }
  return pairwiseSum(losses) / matrix.rows;
}

/** Writes the gradient of a chunk's rows to `gradient` and returns the sum of their losses. */
function evaluateChunk(
  { matrix, codes, outputs, parameters }: DenseTerm,
  chunk: number,
  gradient: Float64Array,
  scratch: Float64Array,
): number {
  const { rows, columns, values } = matrix;
  const first = chunk * CHUNK_ROWS;
  const end = Math.min(first + CHUNK_ROWS, rows);
  const block = values.subarray(first * columns, end * columns);
  for (let k = 0; k < outputs; k++) {
    const weights = parameters.subarray(k * columns, (k + 1) * columns);
    const raw = scratch.subarray(k * CHUNK_ROWS, k * CHUNK_ROWS + end - first);
    multiplyBlock(block, weights, parameters[outputs * columns + k]!, raw);
  }
  const pointwise = { predictions: scratch, stride: CHUNK_ROWS, codes, total: rows };
  const sum = lossOf(outputs)(pointwise, first, end, 0);
  for (let k = 0; k < outputs; k++) {
    const residuals = scratch.subarray(k * CHUNK_ROWS, k * CHUNK_ROWS + end - first);
    const ofOutput = gradient.subarray(k * columns, (k + 1) * columns);
    gradient[outputs * columns + k] = projectBlock(block, residuals, ofOutput);
  }
  return sum;
}
