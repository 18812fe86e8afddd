/** Once a head is as large as this, further digits go into the tail. */
export const LONG_HEAD = 200_000;
/** A tail of so many digits is exact in a double. */
const TAIL_DIGITS = 15;
/** The tables hold the powers of ten from -FARTHEST to FARTHEST. */
const FARTHEST = 64;
/** More than a remainder may be off by. */
const DOUBT = 1 + 2 ** -12;

/** Each power as the nearest double, and as its 21 or 22 leading bits and a double for the rest. */
const POWERS = new Float64Array(2 * FARTHEST + 1);
const LEADING = new Float64Array(POWERS.length);
const REST = new Float64Array(POWERS.length);
for (let scale = -FARTHEST; scale <= FARTHEST; scale++) {
  const shift = 21 - Math.ceil(Math.log2(10) * scale);
  const over = (10n ** BigInt(Math.max(0, scale))) << BigInt(Math.max(0, shift));
  const under = (10n ** BigInt(Math.max(0, -scale))) << BigInt(Math.max(0, -shift));
  POWERS[FARTHEST + scale] = Number(`1e${scale}`);
  LEADING[FARTHEST + scale] = Number(over / under) * 2 ** -shift;
  REST[FARTHEST + scale] = (Number(over % under) / Number(under)) * 2 ** -shift;
}

/**
 * The double nearest to (head * 10^count + tail) * 10^scale, or NaN when one sum of doubles does
 * not settle which that is.
 *
 * The head's product with the leading bits of its power is exact (31 + 22 bits), so what the sum
 * misses is below 2^-68 of the value; Ziv's rounding test (1991) tells whether that could matter.
 * @param head integer below 2^31, not below {@link LONG_HEAD} if there is a tail
 * @param tail integer of `count` digits
 */
export function nearestDouble(head: number, tail: number, count: number, scale: number): number {
  const above = scale + count;
  if (count > TAIL_DIGITS || scale < -FARTHEST || above > FARTHEST) return NaN;
  const high = head * (LEADING[FARTHEST + above] as number);
  const low =
    head * (REST[FARTHEST + above] as number) + tail * (POWERS[FARTHEST + scale] as number);
  const value = high + low;
  const remainder = low - (value - high);
  return value + remainder * DOUBT === value ? value : NaN;
}

/**
 * Reads bytes[start, end) as an ASCII decimal number ("-12.5", "1e-3", ".5", "+7."), with spaces or
 * tabs around it allowed. Returns the nearest double, as `Number()` does; an overflow gives an
 * infinity. NaN when the bytes are not a decimal number.
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
  let count = 0;
  let digits = 0;
  let scale = 0;
  let point = false;
  for (; at < last; at++) {
    const byte = bytes[at] as number;
    const digit = byte - 48;
    if (digit >= 0 && digit <= 9) {
      digits++;
      if (point) scale--;
      if (head < LONG_HEAD) head = head * 10 + digit;
      else {
        tail = tail * 10 + digit;
        count++;
      }
    } else if (byte === 46 && !point) point = true;
    else break;
  }
  if (digits === 0) return NaN;
  if (at < last) {
    const exponent = exponentOf(bytes, at, last);
    if (Number.isNaN(exponent)) return NaN;
    scale += exponent;
  }
  const value = nearestDouble(head, tail, count, scale);
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
