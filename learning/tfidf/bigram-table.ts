import { randomSeed, UNKNOWN } from './token-table.ts';

const INITIAL_SLOTS = 1 << 14;

/** Distinct pairs of token numbers, numbered from 0 in order of arrival. */
export class BigramTable {
  #first = new Int32Array(INITIAL_SLOTS / 2);
  #second = new Int32Array(INITIAL_SLOTS / 2);
  #slots = new Int32Array(INITIAL_SLOTS).fill(UNKNOWN);
  #size = 0;
  /** As in the table of tokens. */
  readonly #seed = randomSeed();

  get size(): number {
    return this.#size;
  }

  first(bigram: number): number {
    return this.#first[bigram]!;
  }

  second(bigram: number): number {
    return this.#second[bigram]!;
  }

  /** The number of a pair, UNKNOWN when it is not held. */
  find(first: number, second: number): number {
    return this.#slots[this.#slotOf(first, second)]!;
  }

  /** The number of a pair, a new one when it is new. */
  take(first: number, second: number): number {
    const slot = this.#slotOf(first, second);
    const known = this.#slots[slot]!;
    if (known !== UNKNOWN) return known;
    const bigram = this.#size++;
    this.#slots[slot] = bigram;
    this.#first[bigram] = first;
    this.#second[bigram] = second;
    if (this.#size * 2 === this.#slots.length) this.#rehash();
    return bigram;
  }

  #slotOf(first: number, second: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash(first ^ this.#seed, second) & mask; ; slot = (slot + 1) & mask) {
      const bigram = this.#slots[slot]!;
      if (bigram === UNKNOWN) return slot;
      if (this.#first[bigram] === first && this.#second[bigram] === second) return slot;
    }
  }

  #rehash(): void {
    this.#first = doubled(this.#first);
    this.#second = doubled(this.#second);
    this.#slots = new Int32Array(this.#slots.length * 2).fill(UNKNOWN);
    for (let bigram = 0; bigram < this.#size; bigram++) {
      this.#slots[this.#slotOf(this.first(bigram), this.second(bigram))] = bigram;
    }
  }
}

function hash(first: number, second: number): number {
  let mixed = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}

function doubled(words: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(words.length * 2);
  grown.set(words);
  return grown;
}
