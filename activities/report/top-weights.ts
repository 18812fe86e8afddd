import type { LinearModel } from '../../learning/trained-model.ts';

export interface Weight {
  /** Position of the feature. */
  readonly feature: number;
  readonly coefficient: number;
  /** Coefficient times the feature's spread: the change of log-odds that a usual change makes. */
  readonly effect: number;
}

export interface ClassWeights {
  /** The class that a positive weight speaks for. */
  readonly code: number;
  readonly intercept: number;
  /** The strongest ones, the strongest first. */
  readonly weights: readonly Weight[];
}

export interface WeightChoice {
  /** [features] the features' standard deviations; 1 for each when left out */
  readonly spread?: ArrayLike<number>;
  readonly limit: number;
  /** By size whatever the sign, or the largest ones, or the smallest ones. */
  readonly by: 'size' | 'largest' | 'smallest';
}

/**
 * The features with the strongest weights of each class in `codes`. Weights of features in
 * different units compare only after each is multiplied by its feature's spread, as scikit-learn's
 * guide to coefficients of linear models advises. Equal ones come in the features' order.
 * @param codes classes; of a model for two classes only 1 has weights of its own
 */
export function topWeights(
  linear: LinearModel,
  codes: readonly number[],
  choice: WeightChoice,
): readonly ClassWeights[] {
  return codes.map((code) => {
    const row = linear.classCount === 2 ? 0 : code;
    const start = row * linear.featureCount;
    const coefficients = linear.coefficients.subarray(start, start + linear.featureCount);
    return { code, intercept: linear.intercepts[row]!, weights: strongest(coefficients, choice) };
  });
}

function strongest(
  coefficients: Float64Array,
  { spread, limit, by }: WeightChoice,
): readonly Weight[] {
  const best: { feature: number; effect: number; rank: number }[] = [];
  coefficients.forEach((coefficient, feature) => {
    const effect = coefficient * (spread?.[feature] ?? 1);
    const rank = by === 'size' ? Math.abs(effect) : by === 'largest' ? effect : -effect;
    // A list of a few is kept in order: a new one goes before the first weaker one.
    if (best.length === limit && !(rank > (best.at(-1)?.rank ?? Infinity))) return;
    let at = best.length;
    while (at > 0 && best[at - 1]!.rank < rank) at -= 1;
    best.splice(at, 0, { feature, effect, rank });
    if (best.length > limit) best.pop();
  });
  return best.map(({ feature, effect }) => ({
    feature,
    coefficient: coefficients[feature]!,
    effect,
  }));
}
