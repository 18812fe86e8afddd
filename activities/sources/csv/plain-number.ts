import { HEAD_DIGITS, longDecimal, POWERS } from './decimal.ts';

const MINUS = 45;
const POINT = 46;
const QUOTE = 34;
const ZERO = 48;

/**
 * Reads the number that most cells hold: a sign, digits, perhaps a point and digits, all of it perhaps
 * in quotes. The bytes must end in something that is no digit.
 * @param out takes the value at 0
 * @returns the position after it, or -1 when the cell has to be looked at more closely
 */
export function readPlainNumber(bytes: Uint8Array, at: number, out: Float64Array): number {
  let byte = bytes[at] as number;
  const quoted = byte === QUOTE;
  if (quoted) byte = bytes[++at] as number;
  const negative = byte === MINUS;
  if (negative) byte = bytes[++at] as number;

  const first = at;
  let value = 0;
  while ((byte - ZERO) >>> 0 < 10) {
    value = value * 10 + byte - ZERO;
    byte = bytes[++at] as number;
  }
  let digits = at - first;
  // More are not exact in a double.
  if (digits > HEAD_DIGITS) return -1;
  if (byte === POINT) {
    const point = at;
    // So many decimals still fit; the next few go into a number of their own.
    const exact = point + 1 + HEAD_DIGITS - digits;
    byte = bytes[++at] as number;
    while ((byte - ZERO) >>> 0 < 10 && at < exact) {
      value = value * 10 + byte - ZERO;
      byte = bytes[++at] as number;
    }
    let tail = 0;
    while ((byte - ZERO) >>> 0 < 10) {
      tail = tail * 10 + byte - ZERO;
      byte = bytes[++at] as number;
    }
    const decimals = at - point - 1;
    digits += decimals;
    if (at > exact) value = longDecimal(value, tail, at - exact, -decimals);
    else if (decimals > 0) value /= POWERS[decimals] as number;
  }
  if (quoted) {
    if (byte !== QUOTE) return -1;
    at++;
  }
  // No digits, or more than were settled: longDecimal() returns NaN then.
  if (digits === 0 || value !== value) return -1;
  out[0] = negative ? -value : value;
  return at;
}
