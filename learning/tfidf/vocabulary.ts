import { BigramTable } from './bigram-table.ts';
import type { TermCounts } from './count-terms.ts';
import { createTermOrder } from './term-order.ts';
import { TokenTable, UNKNOWN } from './token-table.ts';

/** Which column a term has. */
export interface Vocabulary {
  readonly columns: number;
  readonly tokens: TokenTable;
  /** [tokens] column of each token alone, UNKNOWN when it has none */
  readonly unigramColumns: Int32Array;
  readonly bigrams: BigramTable;
  /** [bigrams] column of each pair, UNKNOWN when it has none */
  readonly bigramColumns: Int32Array;
}

export interface ChosenVocabulary {
  readonly vocabulary: Vocabulary;
  /** Term of each column, in code-point order. */
  readonly terms: readonly string[];
  /** Distinct terms before the limit. */
  readonly distinctTerms: number;
  /**
   * Terms as frequent as the rarest that was kept, when some of them were dropped; else 0.
   * scikit-learn picks among these by an unstable sort that differs between processors.
   */
  readonly tiesAtCut: number;
}

/**
 * Keeps the `maxFeatures` most frequent terms, of equally frequent ones the first in code-point
 * order, and gives them columns in code-point order.
 */
export function chooseVocabulary(
  counts: TermCounts,
  tokens: TokenTable,
  maxFeatures: number,
): ChosenVocabulary {
  const { bigrams } = counts;
  const order = createTermOrder(tokens);
  const distinctTerms = tokens.size + bigrams.size;
  const cut = findCut(counts, maxFeatures);

  const kept: number[] = [];
  const tied: number[] = [];
  counts.tokens.forEach((count, token) => {
    if (count >= cut.count) (count > cut.count ? kept : tied).push(order.unigramKey(token));
  });
  counts.pairs.forEach((count, pair) => {
    if (count < cut.count) return;
    const key = order.bigramKey(bigrams.first(pair), bigrams.second(pair));
    (count > cut.count ? kept : tied).push(key);
  });
  const fromTies = Float64Array.from(tied).sort().subarray(0, cut.places);
  const keys = join(kept, fromTies);

  const unigramColumns = new Int32Array(tokens.size).fill(UNKNOWN);
  const bigramColumns = new Int32Array(bigrams.size).fill(UNKNOWN);
  const terms = Array.from(keys, (key, column) => {
    const { first, second } = order.tokensOf(key);
    if (second === undefined) {
      unigramColumns[first] = column;
      return tokens.text(first);
    }
    bigramColumns[bigrams.find(first, second)] = column;
    return `${tokens.text(first)} ${tokens.text(second)}`;
  });
  return {
    vocabulary: { columns: terms.length, tokens, unigramColumns, bigrams, bigramColumns },
    terms,
    distinctTerms,
    tiesAtCut: tied.length > cut.places ? tied.length : 0,
  };
}

/** The lookup for the terms of a fitted model. */
export function readVocabulary(terms: readonly string[]): Vocabulary {
  const tokens = new TokenTable();
  const bigrams = new BigramTable();
  const unigrams: [token: number, column: number][] = [];
  const pairs: [bigram: number, column: number][] = [];
  terms.forEach((term, column) => {
    const [first, second] = term.split(' ').map((token) => takeText(tokens, token));
    if (second === undefined) unigrams.push([first!, column]);
    else pairs.push([bigrams.take(first!, second), column]);
  });
  const unigramColumns = new Int32Array(tokens.size).fill(UNKNOWN);
  for (const [token, column] of unigrams) unigramColumns[token] = column;
  const bigramColumns = new Int32Array(bigrams.size).fill(UNKNOWN);
  for (const [bigram, column] of pairs) bigramColumns[bigram] = column;
  return { columns: terms.length, tokens, unigramColumns, bigrams, bigramColumns };
}

function takeText(tokens: TokenTable, text: string): number {
  for (let i = 0; i < text.length; i++) tokens.push(text.charCodeAt(i));
  return tokens.take();
}

function join(kept: readonly number[], fromTies: Float64Array): Float64Array {
  const keys = new Float64Array(kept.length + fromTies.length);
  keys.set(kept);
  keys.set(fromTies, kept.length);
  return keys.sort();
}

/**
 * The count of the rarest terms kept, and how many terms with just that count there is room for.
 */
function findCut(counts: TermCounts, maxFeatures: number): { count: number; places: number } {
  let largest = 0;
  for (const list of [counts.tokens, counts.pairs]) {
    for (const count of list) if (count > largest) largest = count;
  }
  const termsWith = new Int32Array(largest + 1);
  for (const list of [counts.tokens, counts.pairs]) {
    for (const count of list) termsWith[count]! += 1;
  }
  let room = maxFeatures;
  for (let count = largest; count > 0; count--) {
    if (termsWith[count]! >= room) return { count, places: room };
    room -= termsWith[count]!;
  }
  return { count: 0, places: 0 };
}
