import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decimalOf } from '../../../../activities/sources/csv/decimal.ts';

const read = (text: string): number => {
  const bytes = Buffer.from(`..${text}..`);
  return decimalOf(bytes, 2, 2 + Buffer.byteLength(text));
};

describe('decimalOf', () => {
  it('reads every finite double back from its shortest text', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(read(String(value))).toBe(Number(String(value)));
        const long = value.toExponential(18);
        expect(read(long)).toBe(Number(long));
      }),
      { numRuns: 5_000 },
    );
  });

  it('rounds any digits as Number() does', () => {
    const digits = fc.stringMatching(/^[0-9]{1,25}$/);
    fc.assert(
      fc.property(
        digits,
        fc.option(digits, { nil: undefined }),
        fc.option(fc.integer({ min: -340, max: 340 }), { nil: undefined }),
        fc.constantFrom('', '-', '+'),
        (whole, fraction, exponent, sign) => {
          const point = fraction === undefined ? '' : `.${fraction}`;
          const text = `${sign}${whole}${point}${exponent === undefined ? '' : `e${exponent}`}`;
          expect(read(text)).toBe(Number(text));
        },
      ),
      { numRuns: 20_000 },
    );
  });

  it('rounds correctly next to the middle between two doubles', () => {
    for (const text of [
      '9007199254740993',
      '9007199254740993.0',
      '9007199254740992.9999',
      '9007199254740993.0001',
      '90071992547409.93',
      '4503599627370497.5',
      '0.5000000000000000277',
      '1.0000000000000001110',
      '8.5e-17',
    ]) {
      expect(read(text)).toBe(Number(text));
    }
  });

  it.each([
    '',
    '-',
    '.',
    '+.',
    'e5',
    '1e',
    '1e+',
    '1.2.3',
    '0x10',
    '1_000',
    '1 2',
    '1,5',
    'inf',
    'NaN',
    '--1',
    '1-',
    '1d5',
  ])('takes “%s” for no number', (text) => {
    expect(read(text)).toBeNaN();
  });

  it('allows spaces around a number, a leading or trailing point, and signs', () => {
    expect(read(' 1.5\t')).toBe(1.5);
    expect(read('.5')).toBe(0.5);
    expect(read('+7.')).toBe(7);
    expect(Object.is(read('-0'), -0)).toBe(true);
    expect(read('1e999')).toBe(Infinity);
    expect(read('-1e999')).toBe(-Infinity);
    expect(read('1e-999')).toBe(0);
  });
});
