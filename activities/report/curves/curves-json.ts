import type { ReportData } from '../report-data.ts';
import type { RankingCurve } from './ranking-curves.ts';
import { lossCurve } from './loss-curve.ts';

/**
 * The data behind the curves, in scikit-learn's order of points. A threshold is null where no row
 * reaches it. `max_deviation` is how far, in units of the axes, a point that was left out may lie
 * off the line through those listed; 0 when none was.
 */
export function curvesJson({ input, rows, curves, classCount }: ReportData) {
  const label = (code: number): string => String(input.labels[code]);
  return {
    test_rows: rows,
    classes: { total: classCount, listed: curves.map(({ code }) => label(code)) },
    roc: curves.flatMap(({ code, roc }) =>
      roc === undefined
        ? []
        : [
            {
              ...{ class: label(code), auc: roc.area },
              ...{ fpr: [...roc.curve.x], tpr: [...roc.curve.y], ...shape(roc.curve) },
            },
          ],
    ),
    precision_recall: curves.map(({ code, positives, precisionRecall }) => {
      const { curve, averagePrecision } = precisionRecall;
      return {
        ...{ class: label(code), average_precision: averagePrecision, positives },
        ...{ recall: [...curve.x], precision: [...curve.y], ...shape(curve) },
      };
    }),
    calibration: curves.map(({ code, calibration }) => ({
      class: label(code),
      expected_calibration_error: calibration.expectedError,
      bins: calibration.bins.map(({ lower, upper, rows: inside, meanPredicted, observed }) => ({
        ...{ lower, upper, rows: inside },
        ...{ mean_predicted: meanPredicted, observed },
      })),
    })),
    loss: lossCurve(input.loss),
  };
}

function shape({ thresholds, tolerance }: RankingCurve) {
  return {
    threshold: Array.from(thresholds, (value) => (Number.isFinite(value) ? value : null)),
    max_deviation: 2 * tolerance,
  };
}
