import type { ClassScores } from '../../learning/metrics/class-scores.ts';
import { scoreClasses } from '../../learning/metrics/class-scores.ts';
import { confusionMatrix, marginals } from '../../learning/metrics/confusion-matrix.ts';
import { majorityBaseline, type Baseline } from './baseline.ts';
import { curveClasses } from './class-choice.ts';
import { classCurves, type ClassCurves } from './curves/class-curves.ts';
import type { ReportInput } from './report-input.ts';
import { shownText } from './text/shown-text.ts';

/** What several files of a report need, computed once. */
export interface ReportData {
  readonly input: ReportInput;
  readonly classCount: number;
  /** Test rows. */
  readonly rows: number;
  /** [classes] names as they may be shown */
  readonly names: readonly string[];
  /** [classes x classes] true by predicted */
  readonly confusion: Int32Array;
  /** [classes] test rows that are of the class, and that are predicted as it */
  readonly actualRows: Float64Array;
  readonly predictedRows: Float64Array;
  /** Rows that are predicted right. */
  readonly hits: number;
  /** The classes that are true or predicted somewhere. */
  readonly perClass: readonly ClassScores[];
  readonly curves: readonly ClassCurves[];
  readonly baseline: Baseline;
}

/** Work: a sort of the test rows for each class whose curves are drawn, at most eight. */
export function reportData(input: ReportInput): ReportData {
  const { actual, predicted, probabilities, labels } = input;
  const classCount = labels.length;
  const confusion = confusionMatrix(actual, predicted, classCount);
  const sums = marginals(confusion, classCount);
  const perClass = scoreClasses(confusion, classCount);
  let hits = 0;
  for (let code = 0; code < classCount; code++) hits += confusion[code * (classCount + 1)]!;
  return {
    ...{ input, classCount, rows: actual.length, confusion, hits, perClass },
    names: labels.map((label) => shownText(String(label))),
    actualRows: sums.actual,
    predictedRows: sums.predicted,
    curves: classCurves({ actual, probabilities, classCount }, curveClasses(sums.actual)),
    baseline: majorityBaseline(input.profile.classRows, perClass),
  };
}
