import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { LOOK_AHEAD, readPlainNumber } from '../../../../activities/sources/csv/plain-number.ts';

/** The number at the beginning of a text, and how long it is; undefined when it is left to others. */
function read(text: string, before = ''): { value: number; length: number } | undefined {
  const bytes = Buffer.from(before + text);
  const view = new DataView(new ArrayBuffer(bytes.length + LOOK_AHEAD));
  bytes.forEach((byte, i) => view.setUint8(i, byte));
  const out = new Float64Array(2);
  const end = readPlainNumber(view, before.length, out, 1);
  return end < 0 ? undefined : { value: out[1]!, length: end - before.length };
}

describe('readPlainNumber', () => {
  const digits = (maxLength: number) => fc.stringMatching(new RegExp(`^[0-9]{0,${maxLength}}$`));
  const exponent = fc.oneof(
    { weight: 2, arbitrary: fc.constant('') },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom('e', 'E'), fc.constantFrom('', '-', '+'), fc.nat(90))
        .map((parts) => parts.join('')),
    },
  );
  const number = fc
    .tuple(
      fc.constantFrom('', '-'),
      digits(18),
      fc.oneof(
        fc.constant(''),
        digits(25).map((fraction) => `.${fraction}`),
      ),
      exponent,
    )
    .map((parts) => parts.join(''));

  it('rounds any digits as Number() does, or leaves them', () => {
    fc.assert(
      fc.property(
        number,
        fc.constantFrom(',', '\n', '\r', '', ' ', '"', 'x', 'é', '\0'),
        fc.string({ maxLength: 3 }),
        (text, after, before) => {
          const result = read(text + after, Buffer.from(before).toString('ascii'));
          if (result) expect(result).toEqual({ value: Number(text), length: text.length });
        },
      ),
      { numRuns: 30_000 },
    );
  });

  it('reads what is written for a double, nearly always', () => {
    let left = 0;
    const double = fc.double({ min: -1e60, max: 1e60, noNaN: true });
    fc.assert(
      fc.property(double, fc.boolean(), (value, scientific) => {
        if (value !== 0 && Math.abs(value) < 1e-40) return;
        const text = scientific ? value.toExponential() : String(value);
        const result = read(`${text},`);
        if (!result) left++;
        else expect(Object.is(result.value, Number(text))).toBe(true);
      }),
      { numRuns: 5_000 },
    );
    expect(left).toBeLessThan(50);
  });

  it.each([
    ['9007199254740993', undefined],
    ['9007199254740992', 9007199254740992],
    ['4503599627370497.5', undefined],
    ['0.1', 0.1],
    ['.5', 0.5],
    ['5.', 5],
    ['00012', 12],
    ['0.30000000000000004', 0.30000000000000004],
    ['1234567890123456789', Number('1234567890123456789')],
    ['0.000000000000000000000001', 1e-24],
    ['123456789012345678901234567890', undefined],
    [' 7', 7],
    ['1.5e-7', 1.5e-7],
    ['25E+2', 2500],
    ['1e999', undefined],
    ['1e-999', undefined],
  ])('reads %s', (text, value) => {
    expect(read(`${text},`)?.value).toBe(value);
  });

  it('tells 0 from -0', () => {
    expect(Object.is(read('-0,')?.value, -0)).toBe(true);
    expect(Object.is(read('-0.0,')?.value, -0)).toBe(true);
    expect(Object.is(read('0,')?.value, 0)).toBe(true);
  });

  it.each([
    '',
    ' ',
    '-',
    '.',
    '-.',
    ',',
    '+1',
    'e5',
    '1e',
    '1e+',
    '--1',
    '"1',
    '"1,',
    '"',
    '""',
    '-"1"',
  ])('leaves “%s” to others', (text) => {
    expect(read(`${text},`)).toBeUndefined();
    expect(read(text)).toBeUndefined();
  });

  it('takes a number out of its quotes', () => {
    expect(read('"-12.5",')).toEqual({ value: -12.5, length: 7 });
  });

  it('stops at the first byte that is no digit, wherever it stands', () => {
    for (let byte = 0; byte < 256; byte++) {
      const char = String.fromCharCode(byte);
      if (/[0-9.eE]/.test(char)) continue;
      for (const text of ['1', '12', '123', '1234', '12345', '1.2345678']) {
        const bytes = Buffer.from(text + char + '7777', 'latin1');
        const view = new DataView(Uint8Array.from(bytes).buffer);
        const out = new Float64Array(1);
        expect(readPlainNumber(view, 0, out, 0)).toBe(text.length);
        expect(out[0]).toBe(Number(text));
      }
    }
  });
});
