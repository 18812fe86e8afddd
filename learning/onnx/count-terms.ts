import { charactersLike, rangesOf } from './code-points.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { addTokens } from './rewrite-text.ts';

// scikit-learn's token pattern \w\w+: Python's \w is any letter, any number or the underscore.
const WORD_CHARACTERS = /[\p{L}\p{N}_]/u;
const SHORTEST_WORD = 2;

/**
 * Counts the terms of a vocabulary in lower-cased texts [texts]; a term is one word or several
 * joined by single spaces, and word n-grams ignore what stands between the words.
 * @returns [texts, terms], single precision (exact below 2^24)
 */
export function addTermCounts(
  graph: GraphBuilder,
  texts: string,
  terms: readonly string[],
): string {
  const words = addTokens(graph, texts, {
    expression: `[${rangesOf(charactersLike(WORD_CHARACTERS))}]+`,
    minimumLength: SHORTEST_WORD,
  });
  const { longest, pool, starts, columns } = poolOf(terms);
  return graph.add('TfIdfVectorizer', [words], {
    attributes: {
      mode: 'TF',
      min_gram_length: 1,
      max_gram_length: longest,
      max_skip_count: 0,
      ngram_counts: starts,
      ngram_indexes: columns,
      pool_strings: pool,
    },
  });
}

interface NgramPool {
  readonly longest: number;
  /** The words of all terms, terms of one word first, then of two, … */
  readonly pool: readonly string[];
  /** Where in `pool` the terms of each length start. */
  readonly starts: readonly number[];
  /** The column of each term, in the order of `pool`. */
  readonly columns: readonly number[];
}

function poolOf(terms: readonly string[]): NgramPool {
  const split = terms.map((term, column) => ({ words: term.split(' '), column }));
  const longest = split.reduce((most, { words }) => Math.max(most, words.length), 1);
  const pool: string[] = [];
  const starts: number[] = [];
  const columns: number[] = [];
  for (let length = 1; length <= longest; length++) {
    starts.push(pool.length);
    for (const { words, column } of split) {
      if (words.length !== length) continue;
      pool.push(...words);
      columns.push(column);
    }
  }
  return { longest, pool, starts, columns };
}
