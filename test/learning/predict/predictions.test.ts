import { describe, expect, it } from 'vitest';
import { denseMatrix } from '../../../learning/matrix/matrix.ts';
import { decisionValues, predict } from '../../../learning/predict/predictions.ts';
import type { LinearModel } from '../../../learning/trained-model.ts';

const BINARY: LinearModel = {
  classCount: 2,
  featureCount: 2,
  coefficients: Float64Array.of(2, -1),
  intercepts: Float64Array.of(0.5),
};
const THREE: LinearModel = {
  classCount: 3,
  featureCount: 1,
  coefficients: Float64Array.of(1, 1, -1),
  intercepts: Float64Array.of(0, 0, 0),
};

describe('predict', () => {
  it('takes the second of two classes for positive log-odds only', () => {
    const matrix = denseMatrix(Float64Array.of(0, 0.5, 0, 0.4, -1, 0), 3, 2);
    expect([...decisionValues(BINARY, matrix)]).toEqual([0, 0.5 - 0.4, -1.5]);
    const { codes, probabilities } = predict(BINARY, matrix);
    expect([...codes]).toEqual([0, 1, 0]);
    expect([...probabilities.subarray(0, 2)]).toEqual([0.5, 0.5]);
    expect(probabilities[5]).toBeCloseTo(1 / (1 + Math.exp(1.5)), 15);
  });

  it('takes the first of equally likely classes', () => {
    const { codes, probabilities } = predict(THREE, denseMatrix(Float64Array.of(2, 0, -2), 3, 1));
    expect([...codes]).toEqual([0, 0, 2]);
    expect([...probabilities.subarray(3, 6)]).toEqual([1 / 3, 1 / 3, 1 / 3]);
  });

  it('neither overflows nor gives NaN for extreme decisions', () => {
    const { probabilities } = predict(THREE, denseMatrix(Float64Array.of(1e6, -1e6), 2, 1));
    expect([...probabilities]).toEqual([0.5, 0.5, 0, 0, 0, 1]);
  });

  it('predicts alike from sparse rows', () => {
    const dense = denseMatrix(Float64Array.of(0, 3, 1, 0, 0, 0), 3, 2);
    const sparse = {
      kind: 'sparse',
      rows: 3,
      columns: 2,
      rowStarts: Int32Array.of(0, 1, 2, 2),
      columnIndices: Int32Array.of(1, 0),
      values: Float64Array.of(3, 1),
    } as const;
    expect(predict(BINARY, sparse)).toEqual(predict(BINARY, dense));
  });

  it('refuses data with another number of columns', () => {
    expect(() => predict(BINARY, denseMatrix(new Float64Array(3), 1, 3))).toThrow(RangeError);
  });
});
