/** 2^27 + 1: splits a double into two halves whose products are exact (Dekker 1971). */
const SPLITTER = 134217729;
const LN2_HIGH = 0.6931471805599453;
const LN2_LOW = 2.3190468138462996e-17;
const TERMS = 19;

/** An unevaluated sum high + low carrying about 106 bits. */
interface Pair {
  readonly high: number;
  readonly low: number;
}

/**
 * The natural logarithm of a positive double, rounded to nearest. `Math.log` is one unit in the
 * last place off for some 5 % of arguments, C's `log` for 0.05 %: only with this one do inverse
 * document frequencies and normal deviates equal numpy's.
 * Sum of double pairs: log x = k ln 2 + 2 artanh((m - 1) / (m + 1)), x = m 2^k, m in [0.7, 1.42].
 */
export function naturalLog(x: number): number {
  if (!(x > 0) || x === Infinity) return Math.log(x);
  const { mantissa, exponent } = decompose(x);
  const ratio = divide(
    { high: mantissa - 1, low: 0 }, // exact: the mantissa is within a factor of two of 1
    addExactly(mantissa, 1),
  );
  const square = multiply(ratio, ratio);
  let sum: Pair = { high: 0, low: 0 };
  for (const coefficient of SERIES) sum = add(multiply(sum, square), coefficient);
  const shift = multiply({ high: LN2_HIGH, low: LN2_LOW }, { high: exponent, low: 0 });
  const total = add(shift, multiply(ratio, sum));
  return total.high + total.low;
}

/** 2 / (2 i + 1), the artanh series' coefficients, from the last to the first. */
const SERIES: readonly Pair[] = Array.from({ length: TERMS }, (_, i) =>
  divide({ high: 2, low: 0 }, { high: 2 * (TERMS - 1 - i) + 1, low: 0 }),
);

function decompose(x: number): { mantissa: number; exponent: number } {
  let exponent = Math.round(Math.log2(x));
  // Two steps, because 2^-exponent overflows for the smallest subnormals.
  let mantissa = x * 2 ** -Math.trunc(exponent / 2) * 2 ** -(exponent - Math.trunc(exponent / 2));
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent += 1;
  }
  return { mantissa, exponent };
}

function addExactly(a: number, b: number): Pair {
  const high = a + b;
  const part = high - a;
  return { high, low: a - (high - part) + (b - part) };
}

function multiplyExactly(a: number, b: number): Pair {
  const high = a * b;
  const aScaled = SPLITTER * a;
  const aHigh = aScaled - (aScaled - a);
  const aLow = a - aHigh;
  const bScaled = SPLITTER * b;
  const bHigh = bScaled - (bScaled - b);
  const bLow = b - bHigh;
  return { high, low: aHigh * bHigh - high + aHigh * bLow + aLow * bHigh + aLow * bLow };
}

function normalise(high: number, low: number): Pair {
  const sum = high + low;
  return { high: sum, low: low - (sum - high) };
}

function add(a: Pair, b: Pair): Pair {
  const sum = addExactly(a.high, b.high);
  return normalise(sum.high, sum.low + a.low + b.low);
}

function multiply(a: Pair, b: Pair): Pair {
  const product = multiplyExactly(a.high, b.high);
  return normalise(product.high, product.low + (a.high * b.low + a.low * b.high));
}

function divide(a: Pair, b: Pair): Pair {
  const quotient = a.high / b.high;
  const product = multiply({ high: quotient, low: 0 }, b);
  const rest = a.high - product.high - product.low + a.low;
  return normalise(quotient, rest / b.high);
}
