import { pairwiseSum } from '../arithmetic/pairwise-sum.ts';
import { marginals } from './confusion-matrix.ts';

/** Scores of one class against the rest. 0 stands for a ratio of zero to zero. */
export interface ClassScores {
  readonly code: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Rows that truly are of this class. */
  readonly support: number;
}

/**
 * The rows of `precision_recall_fscore_support`, for the classes that are true or predicted
 * somewhere, as scikit-learn takes them.
 */
export function scoreClasses(matrix: Int32Array, classCount: number): readonly ClassScores[] {
  const { actual, predicted } = marginals(matrix, classCount);
  const scores: ClassScores[] = [];
  for (let code = 0; code < classCount; code++) {
    const hits = matrix[code * classCount + code]!;
    const support = actual[code]!;
    const chosen = predicted[code]!;
    if (support + chosen === 0) continue;
    scores.push({
      code,
      precision: ratio(hits, chosen),
      recall: ratio(hits, support),
      f1: ratio(2 * hits, support + chosen),
      support,
    });
  }
  return scores;
}

/** Unweighted mean over the classes. */
export function macroAverage(scores: readonly ClassScores[], of: Measure): number {
  return pairwiseSum(Float64Array.from(scores, (score) => score[of])) / scores.length;
}

/** Mean over the classes, weighted by support; multiplied and summed in numpy's order. */
export function weightedAverage(scores: readonly ClassScores[], of: Measure): number {
  const weights = Float64Array.from(scores, (score) => score.support);
  const products = Float64Array.from(scores, (score) => score[of] * score.support);
  return pairwiseSum(products) / pairwiseSum(weights);
}

export type Measure = 'precision' | 'recall' | 'f1';

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
