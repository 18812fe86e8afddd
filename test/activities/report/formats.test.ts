import { expect, it } from 'vitest';

import {
  aligned,
  counted,
  duration,
  percent,
  readable,
  score,
  shortCount,
} from '../../../activities/report/text/formats.ts';

it('writes counts with their nouns', () => {
  expect(counted(1, 'row')).toBe('1 row');
  expect(counted(2_000_000, 'row')).toBe('2,000,000 rows');
  expect([950, 9999, 12_345, 3_400_000, 56_000_000].map((value) => shortCount(value))).toEqual([
    ...['950', '9999', '12k', '3.4M', '56M'],
  ]);
  expect(shortCount(3317, 1000)).toBe('3.3k');
});

it('never rounds a share to none or all', () => {
  expect([0, 0.0001, 0.056, 0.5, 0.9251, 0.99951, 1].map(percent)).toEqual([
    ...['0 %', '< 0.1 %', '5.6 %', '50 %', '93 %', '> 99.9 %', '100 %'],
  ]);
});

it('writes numbers of any size in a few characters', () => {
  expect([0, 0.92462, 12.345, 3811.7, 1.23e-7, -5.6e12, NaN].map(readable)).toEqual([
    ...['0', '0.9246', '12.35', '3,812', '1.23e-7', '-5.60e12', 'not finite'],
  ]);
  expect([2.31, -1.2, -0.001].map(aligned([2.31, -1.2, -0.001]))).toEqual([
    '2.31',
    '-1.20',
    '0.00',
  ]);
  expect(score(0.92462)).toBe('0.925');
});

it('writes durations in the units that people use', () => {
  expect([12.4, 1234, 59_990, 185_000, 7_800_000].map(duration)).toEqual([
    ...['12 ms', '1.2 s', '1 min 0 s', '3 min 5 s', '2 h 10 min'],
  ]);
});
