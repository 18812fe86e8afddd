import { describe, expect, it } from 'vitest';
import { encodeLabels } from '../../../learning/labels/encode-labels.ts';
import type { Label } from '../../../learning/labels/encode-labels.ts';

describe('encodeLabels', () => {
  it('sorts numbers by value, not by spelling', () => {
    const { classes, codes, counts } = encodeLabels([10, 9, -1, 10, 0, -0]);
    expect(classes).toEqual([-1, 0, 9, 10]);
    expect([...codes]).toEqual([3, 2, 0, 3, 1, 1]);
    expect([...counts]).toEqual([1, 2, 1, 2]);
  });

  it('sorts false before true and big integers by value', () => {
    expect(encodeLabels([true, false, true]).classes).toEqual([false, true]);
    const big = BigInt64Array.of(2n ** 60n + 1n, 2n ** 60n, -5n);
    expect(encodeLabels(big).classes).toEqual([-5n, 2n ** 60n, 2n ** 60n + 1n]);
  });

  it('sorts strings by code point, not by UTF-16 unit', () => {
    const labels = ['\u{1f600}', '\uffee', 'b', 'B', '\ud7ff', '10', '9', '', 'ba'];
    expect(encodeLabels(labels).classes).toEqual([
      '',
      '10',
      '9',
      'B',
      'b',
      'ba',
      '\ud7ff',
      '\uffee',
      '\u{1f600}',
    ]);
  });

  it.each<[string, Label[], string]>([
    ['a number and a string', [1, '1'], 'mixed-label-types'],
    ['a boolean and a number', [true, 1], 'mixed-label-types'],
    ['NaN', [1, Number.NaN], 'not-finite'],
    ['an infinity', [1, Infinity], 'not-finite'],
    ['fractions', [0.5, 1], 'continuous-labels'],
  ])('refuses %s', (_, labels, reason) => {
    expect(() => encodeLabels(labels)).toThrow(expect.objectContaining({ reason }));
  });
});
