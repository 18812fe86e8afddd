import { multiplyBlock, projectBlock } from '../matrix/dense-products.ts';
import type { DenseMatrix } from '../matrix/matrix.ts';
import type { LossFunction } from './pointwise-loss.ts';

/** Rows summed together before chunks are combined: the same for any number of threads. */
export const CHUNK_ROWS = 1024;

/** What evaluating one chunk needs; may be shared between threads. */
export interface DenseProblem {
  readonly matrix: DenseMatrix;
  /** [rows] class of each row, from 0. */
  readonly codes: Int32Array;
  /** Rows of coefficients: 1 for two classes, else the number of classes. */
  readonly outputs: number;
  readonly loss: LossFunction;
}

export const chunkCount = (rows: number): number => Math.ceil(rows / CHUNK_ROWS);

/** [outputs x CHUNK_ROWS] room for one chunk's predictions. */
export const createScratch = (outputs: number): Float64Array =>
  new Float64Array(outputs * CHUNK_ROWS);

/**
 * The contribution of one chunk of rows to the data term: writes the sum of the rows' gradients
 * to `partial`, [outputs x columns] coefficients, then [outputs] intercepts, and returns the sum
 * of their losses. The bits depend on the chunk and the parameters alone, so chunks may be
 * evaluated on any thread as long as their contributions are added in order.
 */
export function evaluateChunk(
  problem: DenseProblem,
  parameters: Float64Array,
  chunk: number,
  { partial, scratch }: { readonly partial: Float64Array; readonly scratch: Float64Array },
): number {
  const { matrix, codes, outputs, loss } = problem;
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
  const sum = loss(pointwise, first, end, 0);
  for (let k = 0; k < outputs; k++) {
    const residuals = scratch.subarray(k * CHUNK_ROWS, k * CHUNK_ROWS + end - first);
    const gradient = partial.subarray(k * columns, (k + 1) * columns);
    partial[outputs * columns + k] = projectBlock(block, residuals, gradient);
  }
  return sum;
}
