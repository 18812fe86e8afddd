import { compareCodePoints } from '../labels/code-point-order.ts';
import type { TokenTable } from './token-table.ts';

const SURROGATE = /[\ud800-\udfff]/;

/**
 * Code-point order of terms as a number, so that terms are sorted without being spelled out.
 * A space sorts before every word character, so "a b" stands right after "a" and before "aa":
 * the order of (rank of the first token, rank of the second), nothing before something.
 */
export interface TermOrder {
  unigramKey(token: number): number;
  bigramKey(first: number, second: number): number;
  /** The tokens of a key; `second` is undefined for a single token. */
  tokensOf(key: number): { readonly first: number; readonly second: number | undefined };
}

export function createTermOrder(table: TokenTable): TermOrder {
  const texts = Array.from({ length: table.size }, (_, token) => table.text(token));
  const byRank = sortTokens(texts);
  const rank = new Int32Array(texts.length);
  byRank.forEach((token, position) => {
    rank[token] = position;
  });
  // Exact in a double for up to 94 million distinct tokens.
  const base = texts.length + 1;
  return {
    unigramKey: (token) => rank[token]! * base,
    bigramKey: (first, second) => rank[first]! * base + rank[second]! + 1,
    tokensOf(key) {
      const first = Math.floor(key / base);
      const rest = key - first * base;
      return { first: byRank[first]!, second: rest === 0 ? undefined : byRank[rest - 1]! };
    },
  };
}

function sortTokens(texts: readonly string[]): Int32Array {
  const numberOf = new Map(texts.map((text, token) => [text, token]));
  // Below the surrogates UTF-16 order is code-point order, and the built-in sort is faster.
  const needsCodePoints = texts.some((text) => SURROGATE.test(text));
  const sorted = needsCodePoints ? texts.toSorted(compareCodePoints) : texts.toSorted();
  return Int32Array.from(sorted, (text) => numberOf.get(text)!);
}
