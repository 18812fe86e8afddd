/** Row-major: the value of row i and column j is values[i * columns + j]. */
export interface DenseMatrix {
  readonly kind: 'dense';
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

/**
 * Compressed sparse rows: the entries of row i are at rowStarts[i] up to rowStarts[i + 1], their
 * columns ascending.
 */
export interface SparseMatrix {
  readonly kind: 'sparse';
  readonly rows: number;
  readonly columns: number;
  /** [rows + 1] */
  readonly rowStarts: Int32Array;
  readonly columnIndices: Int32Array;
  readonly values: Float64Array;
}

export type Matrix = DenseMatrix | SparseMatrix;

/** Views row-major values as a matrix. @throws RangeError when the length does not fit. */
export function denseMatrix(values: Float64Array, rows: number, columns: number): DenseMatrix {
  if (values.length !== rows * columns) {
    throw new RangeError(`${values.length} values are not ${rows} rows of ${columns}.`);
  }
  return { kind: 'dense', rows, columns, values };
}
