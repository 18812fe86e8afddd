import { expect, it } from 'vitest';
import { createRandomState } from '../../../learning/random/random-state.ts';
import { askAll } from '../reference/ask.ts';

const COUNT = 20_000;

it('equals numpy for several seeds', async () => {
  const problems = [0, 1, 42, 123456789, 4294967295].map(
    (seed) => ({ op: 'random', seed, count: COUNT }) as const,
  );
  const answers = await askAll(problems);
  answers.forEach((numpy, i) => {
    const { seed } = problems[i]!;
    const uniform = createRandomState(seed);
    expect(numpy.uniform.map(() => uniform.random())).toEqual(numpy.uniform);
    expect([...createRandomState(seed).permutation(COUNT)]).toEqual(numpy.permutation);
    const all = Int32Array.from({ length: COUNT }, (_, position) => position);
    expect([...createRandomState(seed).choice(all, COUNT / 2)]).toEqual(numpy.choice);

    const normals = createRandomState(seed).randn(COUNT);
    const apart = normals.filter((value, at) => value !== numpy.normal[at]);
    expect(apart.length).toBeLessThan(COUNT / 500);
    normals.forEach((value, at) => {
      expect(Math.abs(value - numpy.normal[at]!)).toBeLessThanOrEqual(4e-16 * Math.abs(value));
    });
  });
});
