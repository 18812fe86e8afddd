import type { ThresholdCounts } from '../../../learning/metrics/threshold-counts.ts';
import { thinCurve } from './thin-curve.ts';

/** Points of one curve that a file or a chart needs at most. */
export const CURVE_POINTS = 300;

/** A curve by threshold; `thresholds` is infinite at the end that no row reaches. */
export interface RankingCurve {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly thresholds: Float64Array;
  /** See thinCurve; 0 when the curve has every point. */
  readonly tolerance: number;
}

/**
 * False positive rate (x) by true positive rate (y), thresholds falling: the points of
 * scikit-learn's `roc_curve`, which leaves out those on straight lines; thinned beyond 300.
 * @param counts of a class that some rows are of and some are not
 */
export function rocCurve(counts: ThresholdCounts): RankingCurve {
  const corners = cornersOf(counts);
  const { truePositives, falsePositives, thresholds } = counts;
  const positives = truePositives.at(-1) ?? 0;
  const negatives = falsePositives.at(-1) ?? 0;
  const x = new Float64Array(corners.length + 1);
  const y = new Float64Array(corners.length + 1);
  const at = new Float64Array(corners.length + 1).fill(Infinity);
  corners.forEach((corner, i) => {
    x[i + 1] = falsePositives[corner]! / negatives;
    y[i + 1] = truePositives[corner]! / positives;
    at[i + 1] = thresholds[corner]!;
  });
  return thinned(x, y, at);
}

/**
 * Recall (x) by precision (y), thresholds rising and recall falling: the points of scikit-learn's
 * `precision_recall_curve`, which ends at recall 0 and precision 1; thinned beyond 300.
 * @param counts of a class that some rows are of
 */
export function precisionRecallCurve(counts: ThresholdCounts): RankingCurve {
  const { truePositives, falsePositives, thresholds } = counts;
  const points = thresholds.length;
  const positives = truePositives.at(-1) ?? 0;
  const x = new Float64Array(points + 1);
  const y = new Float64Array(points + 1).fill(1);
  const at = new Float64Array(points + 1).fill(Infinity);
  for (let i = 0; i < points; i++) {
    const from = points - 1 - i;
    const hits = truePositives[from]!;
    x[i] = hits / positives;
    y[i] = hits / (hits + falsePositives[from]!);
    at[i] = thresholds[from]!;
  }
  return thinned(x, y, at);
}

/** As scikit-learn finds them: where the second difference of either count is not zero. */
function cornersOf({ truePositives, falsePositives }: ThresholdCounts): number[] {
  const bends = (counts: Float64Array, i: number): boolean =>
    counts[i + 1]! - 2 * counts[i]! + counts[i - 1]! !== 0;
  const last = truePositives.length - 1;
  const corners: number[] = [];
  for (let i = 0; i <= last; i++) {
    const isEnd = i === 0 || i === last;
    if (isEnd || bends(truePositives, i) || bends(falsePositives, i)) corners.push(i);
  }
  return corners;
}

function thinned(x: Float64Array, y: Float64Array, thresholds: Float64Array): RankingCurve {
  const { kept, tolerance } = thinCurve(x, y, CURVE_POINTS);
  if (tolerance === 0) return { x, y, thresholds, tolerance };
  const pick = (values: Float64Array): Float64Array => Float64Array.from(kept, (at) => values[at]!);
  return { x: pick(x), y: pick(y), thresholds: pick(thresholds), tolerance };
}
