import { describe, expect, it } from 'vitest';
import { createRandomState } from '../../../learning/random/random-state.ts';

// The expected numbers were printed by numpy 2.4.
describe('RandomState', () => {
  it('draws uniform doubles as numpy does', () => {
    const random = createRandomState(42);
    expect([random.random(), random.random(), random.random()]).toEqual([
      0.3745401188473625, 0.9507143064099162, 0.7319939418114051,
    ]);
    expect(createRandomState(4294967295).random()).toBe(0.0976320289940138);
  });

  it('draws standard normals as numpy does, in pairs', () => {
    const expected = [
      0.4967141530112327, -0.13826430117118466, 0.6476885381006925, 1.5230298564080254,
    ];
    expect([...createRandomState(42).randn(4)]).toEqual(expected);
    const oneByOne = createRandomState(42);
    expect(expected.map(() => oneByOne.normal())).toEqual(expected);
  });

  it('permutes as numpy does', () => {
    expect([...createRandomState(42).permutation(10)]).toEqual([8, 1, 5, 0, 7, 2, 9, 4, 3, 6]);
    expect([...createRandomState(0).permutation(10)]).toEqual([2, 8, 4, 9, 1, 6, 7, 3, 0, 5]);
  });

  it('draws nothing for a single element, and a whole permutation for a choice', () => {
    const random = createRandomState(0);
    random.permutation(10);
    expect([...random.choice(Int32Array.of(0, 1, 2, 3, 4, 5, 6), 3)]).toEqual([3, 1, 2]);
    expect([...random.permutation(1)]).toEqual([0]);
    expect(random.random()).toBe(0.7917250380826646);
  });

  it('leaves a permuted array as it was', () => {
    const values = Int32Array.of(5, 6, 7, 8);
    const permuted = createRandomState(1).permutation(values);
    expect([...values]).toEqual([5, 6, 7, 8]);
    expect([...permuted].sort()).toEqual([5, 6, 7, 8]);
  });

  it.each([-1, 4294967296, 1.5, Number.NaN])('refuses the seed %s', (seed) => {
    expect(() => createRandomState(seed)).toThrow(RangeError);
  });
});
