import { describe, expect, it } from 'vitest';
import { naturalLog } from '../../../learning/arithmetic/natural-log.ts';
import { pairwiseSum } from '../../../learning/arithmetic/pairwise-sum.ts';

describe('naturalLog', () => {
  it('is exact where the result is known', () => {
    expect(naturalLog(1)).toBe(0);
    expect(naturalLog(2)).toBe(Math.LN2);
    expect(naturalLog(10)).toBe(Math.LN10);
    expect(naturalLog(5e-324)).toBe(-744.4400719213812);
  });

  it('answers as Math.log outside the positive numbers', () => {
    expect(naturalLog(0)).toBe(-Infinity);
    expect(naturalLog(Infinity)).toBe(Infinity);
    expect(naturalLog(-1)).toBeNaN();
  });

  it('is never further than a unit in the last place from Math.log', () => {
    for (let i = 1; i < 5000; i++) {
      const x = (i * 0.7391) ** 9;
      expect(Math.abs(naturalLog(x) - Math.log(x))).toBeLessThanOrEqual(
        2.3e-16 * Math.abs(Math.log(x)),
      );
    }
  });
});

describe('pairwiseSum', () => {
  it('sums a slice', () => {
    const values = Float64Array.from({ length: 1000 }, (_, i) => i);
    expect(pairwiseSum(values)).toBe(499_500);
    expect(pairwiseSum(values, 10, 13)).toBe(33);
    expect(pairwiseSum(values, 5, 5)).toBe(0);
  });

  it('loses less than a running sum', () => {
    const tenths = new Float64Array(1_000_000).fill(0.1);
    expect(Math.abs(pairwiseSum(tenths) - 100_000)).toBeLessThan(1e-9);
    expect(Math.abs(tenths.reduce((sum, value) => sum + value, 0) - 100_000)).toBeGreaterThan(1e-7);
  });
});
