import { naturalLog } from '../arithmetic/natural-log.ts';
import { createMersenneTwister } from './mersenne-twister.ts';

/** The part of numpy's legacy `RandomState` that splits and demo data need, draw for draw. */
export interface RandomState {
  /** Uniform integer in [0, max], both ends included; max below 2^32. Draws nothing when max is 0. */
  interval(max: number): number;
  /** Uniform double in [0, 1) of 53 bits: `random_sample()`. */
  random(): number;
  /** One standard normal: `standard_normal()`. */
  normal(): number;
  /** `count` standard normals in drawing order: `randn(...)`, read in row-major order. */
  randn(count: number): Float64Array;
  /** Shuffles in place: `shuffle(values)`. */
  shuffle(values: Int32Array): void;
  /** `permutation(n)` for a number, a shuffled copy for an array. */
  permutation(values: number | Int32Array): Int32Array;
  /** `choice(values, size, replace=False)`; size at most values.length. */
  choice(values: Int32Array, size: number): Int32Array;
}

/**
 * numpy's `RandomState(seed)`: the same integers and uniform doubles bit for bit; normals
 * too, but for the odd one (1 in 2 000) where C's `log` is not rounded to nearest.
 * @param seed integer in [0, 2^32)
 * @throws RangeError for any other seed
 */
export function createRandomState(seed: number): RandomState {
  const words = createMersenneTwister(seed);
  let spareNormal: number | undefined;

  function interval(max: number): number {
    if (max === 0) return 0;
    const mask = 0xffffffff >>> Math.clz32(max);
    for (;;) {
      const value = (words.next() & mask) >>> 0;
      if (value <= max) return value;
    }
  }

  function random(): number {
    const high = words.next() >>> 5;
    const low = words.next() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  // Marsaglia's polar method; numpy returns the second of the pair first and keeps the other.
  function normal(): number {
    if (spareNormal !== undefined) {
      const spare = spareNormal;
      spareNormal = undefined;
      return spare;
    }
    for (;;) {
      const x = 2 * random() - 1;
      const y = 2 * random() - 1;
      const squared = x * x + y * y;
      if (squared >= 1 || squared === 0) continue;
      const factor = Math.sqrt((-2 * naturalLog(squared)) / squared);
      spareNormal = factor * x;
      return factor * y;
    }
  }

  function shuffle(values: Int32Array): void {
    for (let i = values.length - 1; i > 0; i--) {
      const j = interval(i);
      const kept = values[i]!;
      values[i] = values[j]!;
      values[j] = kept;
    }
  }

  function permutation(values: number | Int32Array): Int32Array {
    const copy =
      typeof values === 'number'
        ? Int32Array.from({ length: values }, (_, i) => i)
        : values.slice();
    shuffle(copy);
    return copy;
  }

  return {
    interval,
    random,
    normal,
    randn(count) {
      const drawn = new Float64Array(count);
      for (let i = 0; i < count; i++) drawn[i] = normal();
      return drawn;
    },
    shuffle,
    permutation,
    choice(values, size) {
      const order = permutation(values.length);
      return order.subarray(0, size).map((position) => values[position]!);
    },
  };
}
