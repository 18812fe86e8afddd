import { describe, expect, it } from 'vitest';
import { createRandomState } from '../../../learning/random/random-state.ts';
import { approximateMode } from '../../../learning/split/approximate-mode.ts';
import { stratifiedSplit } from '../../../learning/split/stratified-split.ts';
import { testSetSize } from '../../../learning/split/test-set-size.ts';

describe('approximateMode', () => {
  // From scikit-learn's own documentation.
  it.each([
    [[4, 2], 3, 0, [2, 1]],
    [[5, 2], 4, 0, [3, 1]],
    [[2, 2, 2, 1], 2, 0, [0, 1, 1, 0]],
    [[2, 2, 2, 1], 2, 42, [1, 1, 0, 0]],
  ])('shares %j into %i draws with seed %i as %j', (counts, draws, seed, expected) => {
    const taken = approximateMode(Int32Array.from(counts), draws, createRandomState(seed));
    expect([...taken]).toEqual(expected);
  });
});

describe('testSetSize', () => {
  it('rounds the fraction up', () => {
    expect(testSetSize({ rows: 101, classCount: 2, testSize: 0.2 })).toEqual({
      testRows: 21,
      grown: false,
    });
  });

  it('grows to one row a class', () => {
    expect(testSetSize({ rows: 4, classCount: 2, testSize: 0.2 })).toEqual({
      testRows: 2,
      grown: true,
    });
  });

  it('leaves at least one training row a class', () => {
    expect(() => testSetSize({ rows: 5, classCount: 3, testSize: 0.2 })).toThrow(
      expect.objectContaining({
        reason: 'too-few-rows',
        detail: { rows: 5, classCount: 3, testRows: 3 },
      }),
    );
  });

  it.each([0, 1, -0.1, Number.NaN])('refuses the fraction %s', (testSize) => {
    expect(() => testSetSize({ rows: 10, classCount: 2, testSize })).toThrow(
      expect.objectContaining({ reason: 'test-size' }),
    );
  });
});

describe('stratifiedSplit', () => {
  it("splits the mission document's four records, which scikit-learn refuses", () => {
    const { train, test } = stratifiedSplit({
      codes: Int32Array.of(1, 0, 1, 0),
      classCount: 2,
      testSize: 0.2,
      seed: 42,
    });
    expect(test.length).toBe(2);
    expect([...train, ...test].sort()).toEqual([0, 1, 2, 3]);
    expect(test[0]! % 2).not.toBe(test[1]! % 2);
  });

  it('names the class that has one row', () => {
    const codes = Int32Array.of(0, 0, 0, 1, 2, 2, 2, 2);
    expect(() => stratifiedSplit({ codes, classCount: 3, testSize: 0.4, seed: 1 })).toThrow(
      expect.objectContaining({
        reason: 'class-with-one-row',
        detail: { class: 1, classRows: 1 },
      }),
    );
  });
});
