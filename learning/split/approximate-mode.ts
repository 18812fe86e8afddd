import type { RandomState } from '../random/random-state.ts';

/**
 * How many of `draws` fall to each class when rows are drawn in proportion to `counts`: floors of
 * the shares, then one more each for the largest remainders, ties drawn at random.
 * scikit-learn's `_approximate_mode`. The order of division and multiplication and every call to
 * the generator matter: a share that rounds to 2.9999999999999996 draws where 3 would not.
 */
export function approximateMode(
  counts: Int32Array,
  draws: number,
  random: RandomState,
): Int32Array {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const shares = Float64Array.from(counts, (count) => (count / total) * draws);
  const taken = Int32Array.from(shares, Math.floor);
  let missing = draws - taken.reduce((sum, count) => sum + count, 0);
  const remainders = shares.map((share, i) => share - taken[i]!);
  for (const remainder of new Set(remainders.toSorted().reverse())) {
    if (missing <= 0) break;
    const tied = Int32Array.from([...remainders.keys()].filter((i) => remainders[i] === remainder));
    const chosen = random.choice(tied, Math.min(tied.length, missing));
    for (const i of chosen) taken[i] = taken[i]! + 1;
    missing -= chosen.length;
  }
  return taken;
}
