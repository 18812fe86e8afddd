import { pairwiseSum } from '../arithmetic/pairwise-sum.ts';

/**
 * Mean of -ln(probability of the true class), probabilities clipped to [2^-52, 1 - 2^-52]:
 * `log_loss(codes, probabilities, labels=every class)`.
 * @param probabilities [rows x classes] row-major
 */
export function logLoss(
  actual: Int32Array,
  probabilities: Float64Array,
  classCount: number,
): number {
  const losses = Float64Array.from(actual, (code, row) => {
    const probability = probabilities[row * classCount + code]!;
    return -Math.log(Math.min(Math.max(probability, Number.EPSILON), 1 - Number.EPSILON));
  });
  return pairwiseSum(losses) / losses.length;
}
