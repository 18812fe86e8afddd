const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

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
  const text = Buffer.from(bytes.subarray(first, last)).toString('latin1');
  return DECIMAL.test(text) ? Number(text) : NaN;
}

function isSpace(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}
