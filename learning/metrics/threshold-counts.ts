/**
 * What every distinct score would do as a threshold, from the highest down: of the rows scored
 * at least that high, how many are of the class and how many are not. ROC and precision-recall
 * curves are drawn from it.
 */
export interface ThresholdCounts {
  readonly thresholds: Float64Array;
  readonly truePositives: Float64Array;
  readonly falsePositives: Float64Array;
}

/**
 * @param scores [rows]
 * @param isPositive whether a row is of the class
 */
export function thresholdCounts(
  scores: Float64Array,
  isPositive: (row: number) => boolean,
): ThresholdCounts {
  // Two sorts without a comparator and a merge are far faster than one sort of indices.
  const positives = scores.filter((_, row) => isPositive(row)).sort();
  const negatives = scores.filter((_, row) => !isPositive(row)).sort();
  const thresholds = new Float64Array(scores.length);
  const truePositives = new Float64Array(scores.length);
  const falsePositives = new Float64Array(scores.length);
  let count = 0;
  let p = positives.length;
  let n = negatives.length;
  while (p > 0 || n > 0) {
    const threshold = Math.max(
      p > 0 ? positives[p - 1]! : -Infinity,
      n > 0 ? negatives[n - 1]! : -Infinity,
    );
    while (p > 0 && positives[p - 1] === threshold) p -= 1;
    while (n > 0 && negatives[n - 1] === threshold) n -= 1;
    thresholds[count] = threshold;
    truePositives[count] = positives.length - p;
    falsePositives[count] = negatives.length - n;
    count += 1;
  }
  return {
    thresholds: thresholds.subarray(0, count),
    truePositives: truePositives.subarray(0, count),
    falsePositives: falsePositives.subarray(0, count),
  };
}

/**
 * Area under the ROC curve by the trapezoidal rule: the chance that a row of the class scores
 * higher than another, ties counting half. Undefined without rows of both sorts.
 */
export function rocAuc({ truePositives, falsePositives }: ThresholdCounts): number | undefined {
  const positives = truePositives.at(-1) ?? 0;
  const negatives = falsePositives.at(-1) ?? 0;
  if (positives === 0 || negatives === 0) return undefined;
  let area = 0;
  let previousTrue = 0;
  let previousFalse = 0;
  truePositives.forEach((tp, i) => {
    const fp = falsePositives[i]!;
    area += ((fp - previousFalse) * (tp + previousTrue)) / 2;
    previousTrue = tp;
    previousFalse = fp;
  });
  return area / (positives * negatives);
}

/**
 * Average precision, the step integral of the precision-recall curve:
 * `average_precision_score`, which calls it 0 where there is no row of the class.
 */
export function averagePrecision({ truePositives, falsePositives }: ThresholdCounts): number {
  const positives = truePositives.at(-1) ?? 0;
  if (positives === 0) return 0;
  let sum = 0;
  let previous = 0;
  truePositives.forEach((tp, i) => {
    sum += ((tp - previous) / positives) * (tp / (tp + falsePositives[i]!));
    previous = tp;
  });
  return sum;
}
