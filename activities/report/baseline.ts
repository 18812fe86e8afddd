import type { ClassScores } from '../../learning/metrics/class-scores.ts';

/** What a model reaches that has looked at nothing but how often each class occurs. */
export interface Baseline {
  /** The most frequent class of the dataset, the first of equals. */
  readonly code: number;
  readonly accuracy: number;
  readonly f1Weighted: number;
  /** Of the class frequencies as probabilities. */
  readonly logLoss: number;
}

/**
 * Metrics on the test set of scikit-learn's DummyClassifier: `most_frequent` for the labels,
 * `prior` for the probabilities.
 * @param classRows [classes] rows of each class in the whole dataset, which a stratified split
 *   keeps in proportion
 * @param perClass classes of the test set
 */
export function majorityBaseline(
  classRows: ArrayLike<number>,
  perClass: readonly ClassScores[],
): Baseline {
  let code = 0;
  let total = 0;
  for (let k = 0; k < classRows.length; k++) {
    total += classRows[k]!;
    if (classRows[k]! > classRows[code]!) code = k;
  }
  let rows = 0;
  let majority = 0;
  let logLoss = 0;
  for (const { code: k, support } of perClass) {
    rows += support;
    if (k === code) majority = support;
    if (support > 0) logLoss -= support * Math.log(Math.max(classRows[k]! / total, Number.EPSILON));
  }
  const share = majority / rows;
  return {
    code,
    accuracy: share,
    f1Weighted: share * ((2 * share) / (1 + share)),
    logLoss: logLoss / rows,
  };
}

/** 95 % score interval of a share (Wilson 1927). */
export function wilsonInterval(hits: number, rows: number): readonly [number, number] {
  const z2 = 1.959963984540054 ** 2;
  const share = hits / rows;
  const centre = share + z2 / (2 * rows);
  const spread = Math.sqrt(z2 * ((share * (1 - share)) / rows + z2 / (4 * rows * rows)));
  const scale = 1 + z2 / rows;
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)];
}
