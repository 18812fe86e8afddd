/** Random numbers that are the same each time for a seed (the minimal standard generator of Park and Miller). */
export interface Draws {
  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number;
  /** True in `share` of all cases. */
  chance(share: number): boolean;
  pick<T>(values: readonly [T, ...T[]]): T;
}

export function createDraws(seed: number): Draws {
  const modulus = 2_147_483_647;
  let state = ((seed + 1) * 16_807) % modulus;
  const next = (): number => (state = (state * 48_271) % modulus);
  next();
  const below = (limit: number): number => next() % limit;
  return {
    below,
    chance: (share) => next() / modulus < share,
    pick: (values) => values[below(values.length)] as (typeof values)[0],
  };
}
