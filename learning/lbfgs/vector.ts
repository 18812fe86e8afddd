/** Inner product of `length` entries of a at offset and b from its start. Four running sums. */
export function dot(a: Float64Array, b: Float64Array, offset = 0, length = b.length): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const whole = length - (length % 4);
  for (let i = 0; i < whole; i += 4) {
    s0 += a[offset + i]! * b[i]!;
    s1 += a[offset + i + 1]! * b[i + 1]!;
    s2 += a[offset + i + 2]! * b[i + 2]!;
    s3 += a[offset + i + 3]! * b[i + 3]!;
  }
  for (let i = whole; i < length; i++) s0 += a[offset + i]! * b[i]!;
  return s0 + s1 + (s2 + s3);
}

/** Euclidean norm that neither overflows nor underflows, as BLAS `dnrm2`. */
export function norm(a: Float64Array): number {
  const squared = dot(a, a);
  if (squared > 1e-290 && squared < 1e290) return Math.sqrt(squared);
  const largest = largestMagnitude(a);
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  let sum = 0;
  for (const value of a) sum += (value / largest) ** 2;
  return largest * Math.sqrt(sum);
}

/** max |a[i]|, or NaN when an entry is NaN. */
export function largestMagnitude(a: Float64Array): number {
  let largest = 0;
  for (const value of a) {
    const magnitude = Math.abs(value);
    if (Number.isNaN(magnitude)) return magnitude;
    if (magnitude > largest) largest = magnitude;
  }
  return largest;
}
