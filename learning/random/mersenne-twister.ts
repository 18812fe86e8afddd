const LENGTH = 624;
const MIDDLE = 397;
const UPPER_BIT = 0x80000000;
const LOWER_BITS = 0x7fffffff;
const TWIST = 0x9908b0df;

/** A source of 32-bit words. */
export interface WordSource {
  /** The next unsigned 32-bit integer. */
  next(): number;
}

/**
 * MT19937 (Matsumoto and Nishimura 1998), seeded as `init_genrand` does, which is what numpy's
 * legacy `RandomState(seed)` uses for an integer.
 * @param seed integer in [0, 2^32)
 * @throws RangeError for any other seed
 */
export function createMersenneTwister(seed: number): WordSource {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw new RangeError('A seed is an integer from 0 to 4294967295.');
  }
  const key = seededKey(seed);
  let position = LENGTH;
  return {
    next() {
      if (position === LENGTH) {
        generate(key);
        position = 0;
      }
      let word = key[position++]!;
      word ^= word >>> 11;
      word ^= (word << 7) & 0x9d2c5680;
      word ^= (word << 15) & 0xefc60000;
      word ^= word >>> 18;
      return word >>> 0;
    },
  };
}

function seededKey(seed: number): Uint32Array {
  const key = new Uint32Array(LENGTH);
  let word = seed >>> 0;
  key[0] = word;
  for (let i = 1; i < LENGTH; i++) {
    word = (Math.imul(1812433253, word ^ (word >>> 30)) + i) >>> 0;
    key[i] = word;
  }
  return key;
}

function generate(key: Uint32Array): void {
  for (let i = 0; i < LENGTH; i++) {
    const next = key[(i + 1) % LENGTH]!;
    const word = (key[i]! & UPPER_BIT) | (next & LOWER_BITS);
    const mixed = key[(i + MIDDLE) % LENGTH]! ^ (word >>> 1);
    key[i] = (word & 1) === 0 ? mixed : mixed ^ TWIST;
  }
}
