const SPACE = 32;
const QUOTE = 34;
const PLUS = 43;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const LETTER_E = 101;
/** "0000" */
const ZEROS = 0x30303030;
/** So many bytes after a number's end its reader may look at. */
export const LOOK_AHEAD = 4;

/** Once the head of a number is as large as this, further digits go into its tail. */
const LONG_HEAD = 200_000;
/** A tail of so many digits is exact in a double. */
const TAIL_DIGITS = 15;
/** More than a remainder may be off by. */
const DOUBT = 1 + 2 ** -12;
const SHIFTS = Int32Array.of(1, 10, 100, 1_000, 10_000);
const SIGNS = Float64Array.of(1, -1);

/** The tables hold the powers of ten from 10^-FARTHEST to 10^FARTHEST, in this order. */
const FARTHEST = 64;

/** Each power of ten as the nearest double. */
const POWERS = new Float64Array(2 * FARTHEST + 1);
/** Its 21 or 22 leading bits: their product with an integer below 2^31 is exact. */
const LEADING = new Float64Array(POWERS.length);
/** What is left of it, rounded to a double. */
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
 * Reads the number that most cells hold: spaces, a sign, digits, perhaps a point and digits, perhaps an
 * exponent, all of it perhaps in quotes. The value is the double nearest to it.
 *
 * Four bytes are looked at at once, and what differs from cell to cell (the sign, how many of the four
 * are digits) is computed, not branched on: a wrong guess would cost as much as the number does.
 *
 * The digits become (head * 10^count + tail) * 10^scale. The head's product with the leading bits of
 * its power of ten is exact, the rest is added to it, and what that misses is below 2^-68 of the value:
 * Ziv's rounding test (1991) tells whether it could matter. All of this is one function because a double
 * that passes between two that are not compiled into one costs as much again.
 *
 * @param view must go on for {@link LOOK_AHEAD} bytes after a byte that is no digit
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
  while (view.getUint8(at) === SPACE) at++;
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
    const four = others === 0 ? word : (word >>> 8) >>> (24 - 8 * digits);
    const pairs = Math.imul((four >>> 8) & 0xff00ff, 10) + (four & 0xff00ff);
    const group = Math.imul(pairs >>> 16, 100) + (pairs & 0xffff);
    if (head < LONG_HEAD) {
      head = (Math.imul(head, SHIFTS[digits] as number) + group) | 0;
    } else {
      tail = tail * (SHIFTS[digits] as number) + group;
      count += digits;
    }
    at += digits;
    if (others === 0) continue;
    if (point >= 0 || view.getUint8(at) !== POINT) break;
    point = ++at;
  }
  if (at - first <= (point < 0 ? 0 : 1)) return -1;

  let scale = point < 0 ? 0 : point - at;
  if ((view.getUint8(at) | 0x20) === LETTER_E) {
    const sign = view.getUint8(++at);
    if (sign === MINUS || sign === PLUS) at++;
    const start = at;
    let exponent = 0;
    for (let digit; (digit = view.getUint8(at) - ZERO) >>> 0 < 10; at++) {
      exponent = Math.min(1_000, exponent * 10 + digit);
    }
    if (at === start) return -1;
    scale += sign === MINUS ? -exponent : exponent;
  }
  if (quoted && view.getUint8(at++) !== QUOTE) return -1;

  const above = scale + count;
  if (count > TAIL_DIGITS || scale < -FARTHEST || above > FARTHEST) return -1;
  const high = head * (LEADING[FARTHEST + above] as number);
  const low =
    head * (REST[FARTHEST + above] as number) + tail * (POWERS[FARTHEST + scale] as number);
  const value = high + low;
  const remainder = low - (value - high);
  if (value + remainder * DOUBT !== value) return -1;
  out[index] = value * (SIGNS[negative] as number);
  return at;
}
