/**
 * out[i] = row i of the block . weights + intercept, for a row-major block of out.length rows.
 * Four rows at a time share the loads of the weights.
 */
export function multiplyBlock(
  block: Float64Array,
  weights: Float64Array,
  intercept: number,
  out: Float64Array,
): void {
  const columns = weights.length;
  const rows = out.length;
  const whole = rows - (rows % 4);
  for (let i = 0; i < whole; i += 4) {
    let a = i * columns;
    let b = a + columns;
    let c = b + columns;
    let d = c + columns;
    let sumA = 0;
    let sumB = 0;
    let sumC = 0;
    let sumD = 0;
    for (let j = 0; j < columns; j++) {
      const weight = weights[j]!;
      sumA += block[a++]! * weight;
      sumB += block[b++]! * weight;
      sumC += block[c++]! * weight;
      sumD += block[d++]! * weight;
    }
    out[i] = sumA + intercept;
    out[i + 1] = sumB + intercept;
    out[i + 2] = sumC + intercept;
    out[i + 3] = sumD + intercept;
  }
  for (let i = whole; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += block[i * columns + j]! * weights[j]!;
    out[i] = sum + intercept;
  }
}

/** gradient = block' residuals; returns the sum of the residuals. */
export function projectBlock(
  block: Float64Array,
  residuals: Float64Array,
  gradient: Float64Array,
): number {
  const columns = gradient.length;
  const rows = residuals.length;
  const whole = rows - (rows % 4);
  let total = 0;
  gradient.fill(0);
  for (let i = 0; i < whole; i += 4) {
    const ofA = residuals[i]!;
    const ofB = residuals[i + 1]!;
    const ofC = residuals[i + 2]!;
    const ofD = residuals[i + 3]!;
    total += ofA + ofB + (ofC + ofD);
    let a = i * columns;
    let b = a + columns;
    let c = b + columns;
    let d = c + columns;
    for (let j = 0; j < columns; j++) {
      gradient[j]! +=
        block[a++]! * ofA + block[b++]! * ofB + (block[c++]! * ofC + block[d++]! * ofD);
    }
  }
  for (let i = whole; i < rows; i++) {
    const residual = residuals[i]!;
    total += residual;
    for (let j = 0; j < columns; j++) gradient[j]! += block[i * columns + j]! * residual;
  }
  return total;
}
