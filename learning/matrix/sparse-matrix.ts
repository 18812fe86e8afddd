import { sharedFloats, sharedInts } from '../parallel/shared-arrays.ts';
import type { SparseMatrix } from './matrix.ts';

/** The transposed matrix, in shared memory, by a counting sort: its rows are the columns, their entries by row. */
export function transpose(matrix: SparseMatrix): SparseMatrix {
  const { rows, columns, rowStarts, columnIndices, values } = matrix;
  const starts = sharedInts(columns + 1);
  for (const column of columnIndices) starts[column + 1]! += 1;
  for (let j = 0; j < columns; j++) starts[j + 1]! += starts[j]!;
  const next = starts.slice(0, columns);
  const rowIndices = sharedInts(columnIndices.length);
  const moved = sharedFloats(values.length);
  for (let i = 0; i < rows; i++) {
    for (let at = rowStarts[i]!; at < rowStarts[i + 1]!; at++) {
      const column = columnIndices[at]!;
      const to = next[column]!;
      next[column] = to + 1;
      rowIndices[to] = i;
      moved[to] = values[at]!;
    }
  }
  return {
    kind: 'sparse',
    rows: columns,
    columns: rows,
    rowStarts: starts,
    columnIndices: rowIndices,
    values: moved,
  };
}

/**
 * out[i] = sum over row i's entries of value * vector[column], plus `addend`, for rows
 * [first, end). Entries are added in column order.
 */
export function multiplyRows(
  { rowStarts, columnIndices, values }: SparseMatrix,
  vector: Float64Array,
  out: Float64Array,
  range: { readonly first: number; readonly end: number; readonly addend: number },
): void {
  const { first, end, addend } = range;
  let at = rowStarts[first]!;
  for (let i = first; i < end; i++) {
    const rowEnd = rowStarts[i + 1]!;
    let sum = 0;
    for (; at < rowEnd; at++) sum += values[at]! * vector[columnIndices[at]!]!;
    out[i] = sum + addend;
  }
}
