const BLOCK = 128;
const LANES = 8;

/**
 * Sum of values[start .. end) in numpy's order: eight running sums within blocks of 128 and a
 * balanced tree above them, so sums and means equal numpy's bit for bit. Its rounding error grows
 * with log n.
 */
export function pairwiseSum(values: Float64Array, start = 0, end = values.length): number {
  const count = end - start;
  if (count < LANES) {
    let sum = 0;
    for (let i = start; i < end; i++) sum += values[i]!;
    return sum;
  }
  if (count <= BLOCK) return sumBlock(values, start, end);
  let half = count >> 1;
  half -= half % LANES;
  return pairwiseSum(values, start, start + half) + pairwiseSum(values, start + half, end);
}

function sumBlock(values: Float64Array, start: number, end: number): number {
  const wholeEnd = end - ((end - start) % LANES);
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let e = 0;
  let f = 0;
  let g = 0;
  let h = 0;
  for (let i = start; i < wholeEnd; i += LANES) {
    a += values[i]!;
    b += values[i + 1]!;
    c += values[i + 2]!;
    d += values[i + 3]!;
    e += values[i + 4]!;
    f += values[i + 5]!;
    g += values[i + 6]!;
    h += values[i + 7]!;
  }
  let sum = a + b + (c + d) + (e + f + (g + h));
  for (let i = wholeEnd; i < end; i++) sum += values[i]!;
  return sum;
}
