import { pairwiseSum } from '../arithmetic/pairwise-sum.ts';
import type { SparseMatrix } from '../matrix/matrix.ts';
import { multiplyRows, transpose } from '../matrix/sparse-matrix.ts';
import { evenBounds, type Work } from '../parallel/crew.ts';
import { shared, sharedFloats } from '../parallel/shared-arrays.ts';
import { CHUNK_ROWS, chunkCount, partCount } from './chunks.ts';
import { lossOf } from './pointwise-loss.ts';

export interface SparseTerm {
  readonly kind: 'sparse';
  readonly matrix: SparseMatrix;
  /** The same entries by column: each entry of the gradient is then one sum in the order of rows. */
  readonly byColumn: SparseMatrix;
  /** [rows] class of each row, from 0. */
  readonly codes: Int32Array;
  readonly outputs: number;
  /** [outputs x columns] coefficients, then [outputs] intercepts: where to evaluate. */
  readonly parameters: Float64Array;
  /** [outputs x rows] predictions, then residuals in their place. */
  readonly predictions: Float64Array;
  /** [chunks] sum of the losses of each chunk's rows. */
  readonly losses: Float64Array;
  /** [outputs x columns] gradient of the coefficients. */
  readonly gradient: Float64Array;
}

export function sparseTerm(matrix: SparseMatrix, codes: Int32Array, outputs: number): SparseTerm {
  const { rows, columns } = matrix;
  return {
    kind: 'sparse',
    matrix: sharedMatrix(matrix),
    byColumn: transpose(matrix),
    codes: shared(codes),
    outputs,
    parameters: sharedFloats(outputs * (columns + 1)),
    predictions: sharedFloats(outputs * rows),
    losses: sharedFloats(chunkCount(rows)),
    gradient: sharedFloats(outputs * columns),
  };
}

/** Two phases: residuals and losses by row, then the gradient by column. */
export function sparseWork(term: SparseTerm): Work {
  const { matrix, byColumn, losses } = term;
  const rowParts = partCount(matrix.rows);
  const chunkBounds = evenBounds(losses.length, rowParts);
  const columnBounds = boundsByEntries(byColumn.rowStarts, rowParts);
  return {
    phases: [rowParts, columnBounds.length - 1],
    perform(phase, part) {
      if (phase === 0) evaluateRows(term, chunkBounds[part]!, chunkBounds[part + 1]!);
      else projectColumns(term, columnBounds[part]!, columnBounds[part + 1]!);
    },
  };
}

/** Mean loss from the work done; writes its gradient. */
export function collectSparse(term: SparseTerm, gradient: Float64Array): number {
  const { matrix, outputs, predictions, losses } = term;
  const { rows } = matrix;
  gradient.set(term.gradient);
  for (let k = 0; k < outputs; k++) {
    gradient[outputs * matrix.columns + k] = pairwiseSum(predictions, k * rows, (k + 1) * rows);
  }
  return pairwiseSum(losses) / rows;
}

function evaluateRows(term: SparseTerm, firstChunk: number, endChunk: number): void {
  const { matrix, codes, outputs, parameters, predictions, losses } = term;
  const { rows, columns } = matrix;
  const first = firstChunk * CHUNK_ROWS;
  const end = Math.min(endChunk * CHUNK_ROWS, rows);
  for (let k = 0; k < outputs; k++) {
    const weights = parameters.subarray(k * columns, (k + 1) * columns);
    const out = predictions.subarray(k * rows, (k + 1) * rows);
    multiplyRows(matrix, weights, out, { first, end, addend: parameters[outputs * columns + k]! });
  }
  const pointwise = { predictions, stride: rows, codes, total: rows };
  for (let chunk = firstChunk; chunk < endChunk; chunk++) {
    const from = chunk * CHUNK_ROWS;
    losses[chunk] = lossOf(outputs)(pointwise, from, Math.min(from + CHUNK_ROWS, rows), from);
  }
}

function projectColumns(term: SparseTerm, first: number, end: number): void {
  const { matrix, byColumn, outputs, predictions, gradient } = term;
  const { rows, columns } = matrix;
  for (let k = 0; k < outputs; k++) {
    const residuals = predictions.subarray(k * rows, (k + 1) * rows);
    const out = gradient.subarray(k * columns, (k + 1) * columns);
    multiplyRows(byColumn, residuals, out, { first, end, addend: 0 });
  }
}

/** Runs of columns with nearly equal numbers of entries. */
function boundsByEntries(starts: Int32Array, parts: number): Int32Array {
  const entries = starts.at(-1)!;
  const bounds = new Int32Array(parts + 1);
  for (let part = 1, column = 0; part <= parts; part++) {
    while (starts[column]! < (part * entries) / parts) column++;
    bounds[part] = part === parts ? starts.length - 1 : column;
  }
  return bounds;
}

function sharedMatrix(matrix: SparseMatrix): SparseMatrix {
  return {
    ...matrix,
    rowStarts: shared(matrix.rowStarts),
    columnIndices: shared(matrix.columnIndices),
    values: shared(matrix.values),
  };
}
