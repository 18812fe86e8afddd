import { HEAD_DIGITS, longDecimal, POWERS, TAIL_DIGITS } from './decimal.ts';

const MINUS = 45;
const POINT = 46;
const QUOTE = 34;
const ZERO = 48;
const NINE = 57;

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

  // Up to 15 digits without the leading zeros are exact in a double; up to 4 more go into a second one.
  const first = at;
  let head = 0;
  let tail = 0;
  let digits = 0;
  let point = -1;
  for (;;) {
    if (byte >= ZERO && byte <= NINE) {
      if (digits < HEAD_DIGITS) {
        head = head * 10 + byte - ZERO;
        if (head !== 0) digits++;
      } else {
        tail = tail * 10 + byte - ZERO;
        digits++;
      }
    } else if (byte === POINT && point < 0) {
      point = at;
    } else {
      break;
    }
    byte = bytes[++at] as number;
  }
  // A point alone is no number.
  if (at === first || (point >= 0 && at === first + 1)) return -1;
  const decimals = point < 0 ? 0 : at - point - 1;
  if (quoted) {
    if (byte !== QUOTE) return -1;
    at++;
  }
  let value = head;
  if (digits > HEAD_DIGITS) {
    if (digits > HEAD_DIGITS + TAIL_DIGITS) return -1;
    value = longDecimal(head, tail, digits - HEAD_DIGITS, -decimals);
    if (value !== value) return -1;
  } else if (decimals > 0) {
    if (decimals > 22) return -1;
    value = head / (POWERS[decimals] as number);
  }
  out[0] = negative ? -value : value;
  return at;
}
