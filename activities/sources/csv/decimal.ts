/** Powers of ten that a double holds exactly. */
export const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
/** A head of so many digits is exact in a double, and so is its product with 10^4. */
export const HEAD_DIGITS = 15;
const TAIL_DIGITS = 4;
const SPLIT = 134_217_729;

/**
 * Reads bytes[start, end) as an ASCII decimal number ("-12.5", "1e-3", ".5", "+7."), with spaces or
 * tabs around it allowed. Returns the nearest double, as `Number()` does; an overflow gives an
 * infinity. NaN when the bytes are not a decimal number.
 *
 * Up to 15 digits take one exact division or product (Clinger 1990, the fast path); up to 19 digits
 * one in double-double arithmetic (Dekker 1971), whose remainder tells whether its rounding is
 * certain. The rest goes to `Number()`.
 */
export function decimalOf(bytes: Uint8Array, start: number, end: number): number {
  let first = start;
  let last = end;
  while (first < last && isSpace(bytes[first] as number)) first++;
  while (last > first && isSpace(bytes[last - 1] as number)) last--;

  let at = first;
  const sign = bytes[at];
  if (sign === 45 || sign === 43) at++;
  let head = 0;
  let tail = 0;
  let digits = 0;
  let seen = 0;
  let scale = 0;
  let point = false;
  for (; at < last; at++) {
    const byte = bytes[at] as number;
    const digit = byte - 48;
    if (digit >= 0 && digit <= 9) {
      seen++;
      if (point) scale--;
      if (digits === 0 && digit === 0) continue;
      if (digits < HEAD_DIGITS) head = head * 10 + digit;
      else if (digits < HEAD_DIGITS + TAIL_DIGITS) tail = tail * 10 + digit;
      digits++;
    } else if (byte === 46 && !point) point = true;
    else break;
  }
  if (seen === 0) return NaN;
  if (at < last) {
    const exponent = exponentOf(bytes, at, last);
    if (Number.isNaN(exponent)) return NaN;
    scale += exponent;
  }
  const value =
    digits <= HEAD_DIGITS
      ? shortDecimal(head, scale)
      : longDecimal(head, tail, digits - HEAD_DIGITS, scale);
  if (Number.isNaN(value))
    return Number(Buffer.from(bytes.subarray(first, last)).toString('latin1'));
  return sign === 45 ? -value : value;
}

function isSpace(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}

/** The value of "e-12" and the like; NaN when the bytes are no exponent. */
function exponentOf(bytes: Uint8Array, start: number, end: number): number {
  const mark = bytes[start];
  if (mark !== 101 && mark !== 69) return NaN;
  const sign = bytes[start + 1];
  let at = sign === 45 || sign === 43 ? start + 2 : start + 1;
  if (at >= end) return NaN;
  let exponent = 0;
  for (; at < end; at++) {
    const digit = (bytes[at] as number) - 48;
    if (digit < 0 || digit > 9) return NaN;
    exponent = Math.min(99_999, exponent * 10 + digit);
  }
  return sign === 45 ? -exponent : exponent;
}

/** head * 10^scale for a head below 10^15, or NaN when one operation does not settle it. */
function shortDecimal(head: number, scale: number): number {
  if (head === 0) return 0;
  if (scale < -22 || scale > 22) return NaN;
  return scale < 0 ? head / (POWERS[-scale] as number) : head * (POWERS[scale] as number);
}

/** (head * 10^count + tail) * 10^scale for 1 to 4 tail digits, or NaN when that does not settle it. */
export function longDecimal(head: number, tail: number, count: number, scale: number): number {
  if (count > TAIL_DIGITS || scale > 0 || scale < -22) return NaN;
  const shift = POWERS[count] as number;
  const power = POWERS[-scale] as number;
  // The integer as an exact sum high + low: each half of the head times 10^count is exact.
  const lower = head % 67_108_864;
  const upperPart = (head - lower) * shift;
  const lowerPart = lower * shift + tail;
  const high = upperPart + lowerPart;
  const low = lowerPart - (high - upperPart);
  const quotient = high / power;
  // quotient * power exactly, as product + error.
  const product = quotient * power;
  const a = SPLIT * quotient;
  const aHigh = a - (a - quotient);
  const aLow = quotient - aHigh;
  const b = SPLIT * power;
  const bHigh = b - (b - power);
  const bLow = power - bHigh;
  const error = aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
  const correction = (high - product - error + low) / power;
  const value = quotient + correction;
  const rest = correction - (value - quotient);
  // Certain unless the true value lies almost halfway between two doubles.
  return value + rest * 1.0000001 === value ? value : NaN;
}
