import { LearningError } from '../learning-error.ts';
import type { Predictions } from '../predict/predictions.ts';
import { accuracy, balancedAccuracy, matthewsCorrelation } from './agreement.ts';
import { macroAverage, scoreClasses, weightedAverage } from './class-scores.ts';
import type { ClassScores } from './class-scores.ts';
import { confusionMatrix } from './confusion-matrix.ts';
import { logLoss } from './log-loss.ts';
import { rankingScores } from './ranking-scores.ts';

export interface Evaluation {
  /**
   * Metric by name. Areas under curves are `roc_auc` and `pr_auc` for two classes and
   * `roc_auc_ovr_weighted` and `pr_auc_ovr_weighted` for more; that of the ROC curve is missing
   * when only one class occurs.
   */
  readonly metrics: Readonly<Record<string, number>>;
  /** The classes that are true or predicted somewhere, by code. */
  readonly perClass: readonly ClassScores[];
  /** [classes x classes] row-major, true by predicted */
  readonly confusion: Int32Array;
}

/**
 * All metrics of a classifier on one set of rows, equal to scikit-learn's.
 * @param actual [rows] true class of each row, from 0; at least one row
 * @throws LearningError 'not-finite' when a probability is NaN
 */
export function evaluate(
  actual: Int32Array,
  predictions: Predictions,
  classCount: number,
): Evaluation {
  if (predictions.probabilities.some(Number.isNaN)) {
    throw new LearningError('not-finite', 'The features are so large that predictions overflow.');
  }
  const confusion = confusionMatrix(actual, predictions.codes, classCount);
  const perClass = scoreClasses(confusion, classCount);
  const { probabilities } = predictions;
  const ranking = rankingScores(actual, probabilities, classCount);
  const suffix = classCount === 2 ? '' : '_ovr_weighted';
  return {
    metrics: {
      accuracy: accuracy(confusion, classCount),
      balanced_accuracy: balancedAccuracy(confusion, classCount),
      f1_weighted: weightedAverage(perClass, 'f1'),
      f1_macro: macroAverage(perClass, 'f1'),
      precision_weighted: weightedAverage(perClass, 'precision'),
      precision_macro: macroAverage(perClass, 'precision'),
      recall_weighted: weightedAverage(perClass, 'recall'),
      recall_macro: macroAverage(perClass, 'recall'),
      matthews_correlation: matthewsCorrelation(confusion, classCount),
      log_loss: logLoss(actual, probabilities, classCount),
      ...(ranking.rocAuc !== undefined && { [`roc_auc${suffix}`]: ranking.rocAuc }),
      [`pr_auc${suffix}`]: ranking.averagePrecision,
    },
    perClass,
    confusion,
  };
}
