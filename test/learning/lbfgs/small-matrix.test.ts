import { describe, expect, it } from 'vitest';
import {
  choleskyInPlace,
  solveTransposed,
  solveUpper,
} from '../../../learning/lbfgs/small-matrix.ts';

describe('choleskyInPlace', () => {
  it("factors a matrix into R'R and solves with it", () => {
    const block = { values: Float64Array.of(4, 2, 6, 0, 10, 9, 0, 0, 19), stride: 3 };
    expect(choleskyInPlace(block, 0, 3)).toBe(true);
    expect([...block.values]).toEqual([2, 1, 3, 0, 3, 2, 0, 0, Math.sqrt(6)]);
    // A = [4 2 6; 2 10 9; 6 9 19], A x = b.
    const b = Float64Array.of(26, 49, 81);
    solveTransposed(block, b, 3);
    solveUpper(block, b, 3);
    expect([...b]).toEqual([1, 2, 3].map((x) => expect.closeTo(x, 12) as number));
  });

  it('refuses a matrix that is not positive definite', () => {
    expect(choleskyInPlace({ values: Float64Array.of(1, 2, 0, 1), stride: 2 }, 0, 2)).toBe(false);
    expect(choleskyInPlace({ values: Float64Array.of(Number.NaN), stride: 1 }, 0, 1)).toBe(false);
  });

  it('factors a block inside a larger one', () => {
    const block = { values: Float64Array.of(7, 7, 7, 9), stride: 2 };
    expect(choleskyInPlace(block, 1, 2)).toBe(true);
    expect([...block.values]).toEqual([7, 7, 7, 3]);
  });
});
