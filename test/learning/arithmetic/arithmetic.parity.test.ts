import { expect, it } from 'vitest';
import { naturalLog } from '../../../learning/arithmetic/natural-log.ts';
import { pairwiseSum } from '../../../learning/arithmetic/pairwise-sum.ts';
import { createRandomState } from '../../../learning/random/random-state.ts';
import { askAll } from '../reference/ask.ts';

it('sums in the order of numpy', async () => {
  const random = createRandomState(5);
  const lengths = [1, 7, 8, 9, 15, 16, 127, 128, 129, 135, 136, 256, 1000, 1029, 50_001];
  const arrays = lengths.map((length) =>
    Array.from({ length }, () => random.normal() * 10 ** random.interval(8)),
  );
  const [sums] = await askAll([{ op: 'sums', arrays }]);
  expect(arrays.map((values) => pairwiseSum(Float64Array.from(values)))).toEqual(sums);
});

it('takes logarithms that equal numpy except in the odd last bit', async () => {
  const random = createRandomState(6);
  const values = Array.from({ length: 20_000 }, () => 10 ** (random.normal() * 3));
  const [logs] = await askAll([{ op: 'logs', values }]);
  const ours = values.map(naturalLog);
  // numpy itself rounds some 0.3 % to the neighbour, which ones depends on the processor.
  expect(ours.filter((value, i) => value !== logs![i]).length).toBeLessThan(200);
  ours.forEach((value, i) => {
    expect(Math.abs(value - logs![i]!)).toBeLessThanOrEqual(2.3e-16 * Math.abs(value));
  });
});
