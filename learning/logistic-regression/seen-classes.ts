import { countCodes } from '../labels/encode-labels.ts';
import type { LinearModel } from '../trained-model.ts';

/** An intercept that leaves a class no probability, and overflows nothing. */
const NEVER = -Number.MAX_VALUE;

/**
 * Numbers the classes that have rows from 0, in their order. A split may leave a class without a
 * training row; scikit-learn then learns the classes that it sees, and never predicts another.
 * @param codes [rows] class of each row, 0 to classCount - 1
 * @returns seen: [seen classes] their codes; codes: [rows] positions in it
 */
export function seenClasses(
  codes: Int32Array,
  classCount: number,
): { readonly seen: Int32Array; readonly codes: Int32Array } {
  const counts = countCodes(codes, classCount);
  const seen = Int32Array.from(counts.keys()).filter((code) => counts[code]! > 0);
  if (seen.length === classCount) return { seen, codes };
  const position = new Int32Array(classCount);
  seen.forEach((code, i) => (position[code] = i));
  return { seen, codes: codes.map((code) => position[code]!) };
}

/** A model of the seen classes as a model of all `classCount`, the others without probability. */
export function withUnseenClasses(
  model: LinearModel,
  seen: Int32Array,
  classCount: number,
): LinearModel {
  if (seen.length === classCount) return model;
  const { featureCount } = model;
  const coefficients = new Float64Array(classCount * featureCount);
  const intercepts = new Float64Array(classCount).fill(NEVER);
  seen.forEach((code, i) => {
    // Of two classes the first has no row of its own: its log-odds are 0.
    const row = model.classCount === 2 ? i - 1 : i;
    intercepts[code] = model.intercepts[row] ?? 0;
    if (row < 0) return;
    const weights = model.coefficients.subarray(row * featureCount, (row + 1) * featureCount);
    coefficients.set(weights, code * featureCount);
  });
  return { classCount, featureCount, coefficients, intercepts };
}
