import { describe, expect, it } from 'vitest';
import { multiplyBlock, projectBlock } from '../../../learning/matrix/dense-products.ts';
import { denseMatrix } from '../../../learning/matrix/matrix.ts';
import { transpose } from '../../../learning/matrix/sparse-matrix.ts';

describe('dense matrices', () => {
  it('refuse values that do not fill the rows', () => {
    expect(() => denseMatrix(new Float64Array(5), 2, 3)).toThrow(RangeError);
  });

  it.each([1, 3, 4, 5, 9])('multiply %i rows, whole fours or not', (rows) => {
    const block = Float64Array.from({ length: rows * 2 }, (_, i) => i + 1);
    const out = new Float64Array(rows);
    multiplyBlock(block, Float64Array.of(10, 1), 100, out);
    expect([...out]).toEqual(Array.from(out, (_, i) => 100 + 10 * (2 * i + 1) + 2 * i + 2));

    const gradient = Float64Array.of(-1, -1);
    const ones = new Float64Array(rows).fill(1);
    expect(projectBlock(block, ones, gradient)).toBe(rows);
    expect([...gradient]).toEqual([rows * rows, rows * rows + rows]);
  });
});

describe('transpose', () => {
  it('turns rows into columns, entries in order', () => {
    const turned = transpose({
      kind: 'sparse',
      rows: 3,
      columns: 4,
      rowStarts: Int32Array.of(0, 2, 2, 4),
      columnIndices: Int32Array.of(0, 3, 0, 1),
      values: Float64Array.of(1, 2, 3, 4),
    });
    expect(turned).toEqual({
      kind: 'sparse',
      rows: 4,
      columns: 3,
      rowStarts: Int32Array.of(0, 2, 3, 3, 4),
      columnIndices: Int32Array.of(0, 2, 2, 0),
      values: Float64Array.of(1, 3, 4, 2),
    });
  });
});
