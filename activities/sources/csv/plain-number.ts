import { LONG_HEAD, nearestDouble } from './decimal.ts';

const MINUS = 45;
const POINT = 46;
const QUOTE = 34;
/** "0000" */
const ZEROS = 0x30303030;
/** Bytes after its end that a number's scanner may look at. */
export const LOOK_AHEAD = 4;

const POWERS = Int32Array.of(1, 10, 100, 1_000, 10_000);
const SIGNS = Float64Array.of(1, -1);

/**
 * Reads the number that most cells hold: a sign, digits, perhaps a point and digits, all of it perhaps
 * in quotes. Four bytes are looked at at once, and what differs from cell to cell (the sign, how many
 * of them are digits) is computed, not branched on: a wrong guess would cost as much as the number.
 * @param view must go on for {@link LOOK_AHEAD} bytes after something that is no digit
 * @param out takes the value at `index`
 * @returns the position after it, or -1 when the cell has to be looked at more closely
 */
export function readPlainNumber(
  view: DataView,
  at: number,
  out: Float64Array,
  index: number,
): number {
  const quoted = view.getUint8(at) === QUOTE;
  if (quoted) at++;
  // 1 for a minus, else 0.
  const negative = ((view.getUint8(at) ^ MINUS) - 1) >>> 31;
  at += negative;

  const first = at;
  let point = -1;
  let head = 0;
  let tail = 0;
  let count = 0;
  for (;;) {
    const word = view.getInt32(at) ^ ZEROS;
    // The top bit of each byte that is no digit.
    const others = (((word & 0x7f7f7f7f) + 0x76767676) | word) & 0x80808080;
    const digits = others === 0 ? 4 : Math.clz32(others) >>> 3;
    const group = fourDigits(others === 0 ? word : (word >>> 8) >>> (24 - 8 * digits));
    if (head < LONG_HEAD) {
      head = (Math.imul(head, POWERS[digits] as number) + group) | 0;
    } else {
      tail = tail * (POWERS[digits] as number) + group;
      count += digits;
    }
    at += digits;
    if (others === 0) continue;
    if (point >= 0 || view.getUint8(at) !== POINT) break;
    point = ++at;
  }
  const hasDigits = at - first > (point < 0 ? 0 : 1);
  const value = nearestDouble(head, tail, count, point < 0 ? 0 : point - at);
  if (quoted) {
    if (view.getUint8(at) !== QUOTE) return -1;
    at++;
  }
  // The value is NaN when it is not settled.
  if (!hasDigits || value !== value) return -1;
  out[index] = value * (SIGNS[negative] as number);
  return at;
}

/** The number of four digits' values, the first one in the highest byte. */
function fourDigits(word: number): number {
  const pairs = Math.imul((word >>> 8) & 0xff00ff, 10) + (word & 0xff00ff);
  return Math.imul(pairs >>> 16, 100) + (pairs & 0xffff);
}
