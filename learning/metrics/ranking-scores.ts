import { averagePrecision, rocAuc, thresholdCounts } from './threshold-counts.ts';

export interface RankingScores {
  readonly rocAuc: number | undefined;
  readonly averagePrecision: number;
}

/**
 * How well the probabilities rank rows. Two classes: the second class against the first. More:
 * each class against the rest, averaged by its number of rows (`multi_class='ovr',
 * average='weighted'`). A ROC AUC is undefined where a class that occurs is the only one.
 * @param probabilities [rows x classes] row-major
 */
export function rankingScores(
  actual: Int32Array,
  probabilities: Float64Array,
  classCount: number,
): RankingScores {
  if (classCount === 2) return scoreClass(actual, probabilities, classCount, 1);
  const rows = new Float64Array(classCount);
  for (const code of actual) rows[code]! += 1;
  const scores = Array.from(rows, (count, code) =>
    count === 0 ? ABSENT : scoreClass(actual, probabilities, classCount, code),
  );
  const rocAucs = scores.map((score) => score.rocAuc);
  return {
    rocAuc: rocAucs.every((area) => area !== undefined) ? weighted(rows, rocAucs) : undefined,
    averagePrecision: weighted(
      rows,
      scores.map((score) => score.averagePrecision),
    ),
  };
}

/** A class without rows has no weight, so its scores do not matter. */
const ABSENT: RankingScores = { rocAuc: 0, averagePrecision: 0 };

function scoreClass(
  actual: Int32Array,
  probabilities: Float64Array,
  classCount: number,
  code: number,
): RankingScores {
  const scores = Float64Array.from(actual, (_, row) => probabilities[row * classCount + code]!);
  const counts = thresholdCounts(scores, (row) => actual[row] === code);
  return { rocAuc: rocAuc(counts), averagePrecision: averagePrecision(counts) };
}

function weighted(rows: Float64Array, scores: readonly number[]): number {
  let sum = 0;
  let total = 0;
  scores.forEach((score, code) => {
    sum += score * rows[code]!;
    total += rows[code]!;
  });
  return sum / total;
}
