import {
  averagePrecision,
  rocAuc,
  thresholdCounts,
} from '../../../learning/metrics/threshold-counts.ts';
import { calibrationBins, type Calibration } from './calibration-bins.ts';
import { precisionRecallCurve, rocCurve, type RankingCurve } from './ranking-curves.ts';

/** How well the probabilities of one class tell it from the rest. */
export interface ClassCurves {
  readonly code: number;
  /** Test rows that are of the class; at least one. */
  readonly positives: number;
  /** Undefined when every test row is of the class. */
  readonly roc: { readonly curve: RankingCurve; readonly area: number } | undefined;
  readonly precisionRecall: { readonly curve: RankingCurve; readonly averagePrecision: number };
  readonly calibration: Calibration;
}

export interface ScoredRows {
  /** [rows] true class */
  readonly actual: Int32Array;
  /** [rows x classes] row-major */
  readonly probabilities: Float64Array;
  readonly classCount: number;
}

/**
 * The curves of some classes, each against the rest.
 * @param codes classes that occur in the test set
 */
export function classCurves(rows: ScoredRows, codes: readonly number[]): readonly ClassCurves[] {
  return codes.map((code) => curvesOf(rows, code));
}

function curvesOf({ actual, probabilities, classCount }: ScoredRows, code: number): ClassCurves {
  const scores = new Float64Array(actual.length);
  for (let row = 0; row < scores.length; row++) {
    scores[row] = probabilities[row * classCount + code]!;
  }
  const isPositive = (row: number): boolean => actual[row] === code;
  const counts = thresholdCounts(scores, isPositive);
  const area = rocAuc(counts);
  return {
    code,
    positives: counts.truePositives.at(-1) ?? 0,
    roc: area === undefined ? undefined : { curve: rocCurve(counts), area },
    precisionRecall: {
      curve: precisionRecallCurve(counts),
      averagePrecision: averagePrecision(counts),
    },
    calibration: calibrationBins(scores, isPositive),
  };
}
