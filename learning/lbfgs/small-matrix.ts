/** Small square matrices, row-major with a fixed stride, of which the upper triangle counts. */

export interface Block {
  readonly values: Float64Array;
  readonly stride: number;
}

/**
 * Replaces the upper triangle of rows and columns [first, end) by R with R'R = the matrix.
 * @returns false when the matrix is not positive definite (the content is then undefined)
 */
export function choleskyInPlace({ values, stride }: Block, first: number, end: number): boolean {
  for (let j = first; j < end; j++) {
    for (let i = first; i <= j; i++) {
      let sum = values[i * stride + j]!;
      for (let k = first; k < i; k++) {
        sum -= values[k * stride + i]! * values[k * stride + j]!;
      }
      if (i < j) {
        values[i * stride + j] = sum / values[i * stride + i]!;
      } else {
        if (!(sum > 0)) return false;
        values[j * stride + j] = Math.sqrt(sum);
      }
    }
  }
  return true;
}

/** Solves R' x = b in place; R is the upper triangle of the first `size` rows. */
export function solveTransposed({ values, stride }: Block, b: Float64Array, size: number): void {
  for (let i = 0; i < size; i++) {
    let sum = b[i]!;
    for (let k = 0; k < i; k++) sum -= values[k * stride + i]! * b[k]!;
    b[i] = sum / values[i * stride + i]!;
  }
}

/** Solves R x = b in place; R is the upper triangle of the first `size` rows. */
export function solveUpper({ values, stride }: Block, b: Float64Array, size: number): void {
  for (let i = size - 1; i >= 0; i--) {
    let sum = b[i]!;
    for (let k = i + 1; k < size; k++) sum -= values[i * stride + k]! * b[k]!;
    b[i] = sum / values[i * stride + i]!;
  }
}
