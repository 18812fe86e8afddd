/** A token that the table does not hold. */
export const UNKNOWN = -1;

const INITIAL_SLOTS = 1 << 12;
const INITIAL_UNITS = 1 << 16;
const PIECE = 1024;

/**
 * Distinct tokens numbered from 0 in order of arrival. Tokens are written unit by unit, so that a
 * token seen before costs no string: `push` its UTF-16 units, then `take` or `find` the number.
 */
export class TokenTable {
  #units = new Uint16Array(INITIAL_UNITS);
  /** Token i is the units from #starts[i] up to #starts[i + 1]. */
  #starts = new Int32Array(INITIAL_SLOTS / 2 + 1);
  #hashes = new Int32Array(INITIAL_SLOTS / 2);
  #slots = new Int32Array(INITIAL_SLOTS).fill(UNKNOWN);
  #size = 0;
  #end = 0;
  /** Where hashes begin: unknown, so that nobody can write tokens that all fall on one slot. */
  readonly #seed = randomSeed();
  #hash = this.#seed;

  /** Tokens held. */
  get size(): number {
    return this.#size;
  }

  /** Adds a unit to the token being written. */
  push(unit: number): void {
    if (this.#end === this.#units.length) this.#units = grow(this.#units);
    this.#units[this.#end++] = unit;
    this.#hash = Math.imul(this.#hash ^ unit, 0x01000193);
  }

  /** Throws the token being written away. */
  discard(): void {
    this.#end = this.#starts[this.#size]!;
    this.#hash = this.#seed;
  }

  /** The number of the written token, UNKNOWN when it is new. Ends the token. */
  find(): number {
    const token = this.#slots[this.#slotOfWritten()]!;
    this.discard();
    return token;
  }

  /** The number of the written token, a new one when it is new. Ends the token. */
  take(): number {
    const slot = this.#slotOfWritten();
    const known = this.#slots[slot]!;
    if (known !== UNKNOWN) {
      this.discard();
      return known;
    }
    const token = this.#size++;
    this.#slots[slot] = token;
    this.#hashes[token] = this.#hash;
    this.#starts[token + 1] = this.#end;
    this.#hash = this.#seed;
    if (this.#size * 2 === this.#slots.length) this.#rehash();
    return token;
  }

  text(token: number): string {
    const end = this.#starts[token + 1]!;
    let text = '';
    // In pieces, because a call takes only so many arguments.
    for (let from = this.#starts[token]!; from < end; from += PIECE) {
      text += String.fromCharCode(...this.#units.subarray(from, Math.min(from + PIECE, end)));
    }
    return text;
  }

  #slotOfWritten(): number {
    const mask = this.#slots.length - 1;
    const start = this.#starts[this.#size]!;
    const length = this.#end - start;
    for (let slot = spread(this.#hash) & mask; ; slot = (slot + 1) & mask) {
      const token = this.#slots[slot]!;
      if (token === UNKNOWN) return slot;
      if (this.#hashes[token] === this.#hash && this.#equals(token, start, length)) return slot;
    }
  }

  #equals(token: number, start: number, length: number): boolean {
    const from = this.#starts[token]!;
    if (this.#starts[token + 1]! - from !== length) return false;
    for (let i = 0; i < length; i++) {
      if (this.#units[from + i] !== this.#units[start + i]) return false;
    }
    return true;
  }

  #rehash(): void {
    this.#starts = grow(this.#starts, 1);
    this.#hashes = grow(this.#hashes);
    this.#slots = new Int32Array(this.#slots.length * 2).fill(UNKNOWN);
    const mask = this.#slots.length - 1;
    for (let token = 0; token < this.#size; token++) {
      let slot = spread(this.#hashes[token]!) & mask;
      while (this.#slots[slot] !== UNKNOWN) slot = (slot + 1) & mask;
      this.#slots[slot] = token;
    }
  }
}

/** 32 random bits. What a table holds, and in which order, does not depend on them. */
export function randomSeed(): number {
  return (Math.random() * 2 ** 32) | 0;
}

/** FNV leaves the low bits of short tokens alike; this mixes the high ones in. */
function spread(hash: number): number {
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 7;
}

function grow<Words extends Int32Array | Uint16Array>(words: Words, extra = 0): Words {
  const Type = words.constructor as new (length: number) => Words;
  const grown = new Type((words.length - extra) * 2 + extra);
  grown.set(words);
  return grown;
}
