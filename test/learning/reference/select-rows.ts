import type { DenseMatrix } from '../../../learning/matrix/matrix.ts';

/** A copy of the rows with these indices, in this order. */
export function selectRows(matrix: DenseMatrix, indices: Int32Array): DenseMatrix {
  const { columns, values } = matrix;
  const selected = new Float64Array(indices.length * columns);
  indices.forEach((row, i) => {
    const from = row * columns;
    const to = i * columns;
    // Element by element: a subarray and `set` cost more than a narrow row.
    for (let j = 0; j < columns; j++) selected[to + j] = values[from + j]!;
  });
  return { kind: 'dense', rows: indices.length, columns, values: selected };
}
