import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../learning/metrics/evaluate.ts';
import {
  averagePrecision,
  rocAuc,
  thresholdCounts,
} from '../../../learning/metrics/threshold-counts.ts';

const counts = (scores: number[], positive: number[]): ReturnType<typeof thresholdCounts> =>
  thresholdCounts(Float64Array.from(scores), (row) => positive[row] === 1);

describe('thresholdCounts', () => {
  it('merges equal scores into one threshold', () => {
    const { thresholds, truePositives, falsePositives } = counts(
      [0.1, 0.4, 0.4, 0.8],
      [0, 0, 1, 1],
    );
    expect([...thresholds]).toEqual([0.8, 0.4, 0.1]);
    expect([...truePositives]).toEqual([1, 2, 2]);
    expect([...falsePositives]).toEqual([0, 1, 2]);
  });
});

describe('areas under curves', () => {
  // The example of scikit-learn's documentation.
  it('are those of the textbook example', () => {
    const example = counts([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]);
    expect(rocAuc(example)).toBe(0.75);
    expect(averagePrecision(example)).toBeCloseTo(0.8333333333333333, 15);
  });

  it('count ties half', () => {
    expect(rocAuc(counts([0.5, 0.5], [0, 1]))).toBe(0.5);
  });

  it('are, for one class, undefined or what scikit-learn calls them', () => {
    expect(rocAuc(counts([0.5, 0.6], [1, 1]))).toBeUndefined();
    expect(averagePrecision(counts([0.5, 0.6], [0, 0]))).toBe(0);
    expect(averagePrecision(counts([0.5, 0.6], [1, 1]))).toBe(1);
  });
});

describe('evaluate', () => {
  it('leaves undefined areas out, and classes that occur nowhere', () => {
    const { metrics, perClass } = evaluate(
      Int32Array.of(1, 1),
      { codes: Int32Array.of(1, 1), probabilities: Float64Array.of(0.2, 0.8, 0.4, 0.6) },
      2,
    );
    expect(Object.keys(metrics)).not.toContain('roc_auc');
    expect(metrics['accuracy']).toBe(1);
    expect(metrics['matthews_correlation']).toBe(0);
    expect(perClass.map((scores) => scores.code)).toEqual([1]);
  });

  it('clips certain probabilities', () => {
    const { metrics } = evaluate(
      Int32Array.of(0),
      { codes: Int32Array.of(1), probabilities: Float64Array.of(0, 1) },
      2,
    );
    expect(metrics['log_loss']).toBe(-Math.log(Number.EPSILON));
  });

  it('refuses probabilities that are NaN', () => {
    const probabilities = Float64Array.of(Number.NaN, Number.NaN);
    expect(() => evaluate(Int32Array.of(0), { codes: Int32Array.of(0), probabilities }, 2)).toThrow(
      expect.objectContaining({ reason: 'not-finite' }),
    );
  });
});
