import { BigramTable } from './bigram-table.ts';
import type { TokenStream } from './tokenise.ts';

/** Distinct terms of a corpus, pairs of neighbouring tokens as numbers, and how often each occurs. */
export interface TermCounts {
  /** [tokens] occurrences of each token */
  readonly tokens: Int32Array;
  readonly bigrams: BigramTable;
  /** [bigrams] occurrences of each pair */
  readonly pairs: Int32Array;
}

export function countTerms({ tokens, starts }: TokenStream, tokenCount: number): TermCounts {
  const occurrences = new Int32Array(tokenCount);
  for (const token of tokens) occurrences[token]! += 1;
  const bigrams = new BigramTable();
  let pairs = new Int32Array(1024);
  for (let document = 0; document + 1 < starts.length; document++) {
    const end = starts[document + 1]!;
    for (let at = starts[document]! + 1; at < end; at++) {
      const bigram = bigrams.take(tokens[at - 1]!, tokens[at]!);
      if (bigram >= pairs.length) {
        const grown = new Int32Array(pairs.length * 2);
        grown.set(pairs);
        pairs = grown;
      }
      pairs[bigram]! += 1;
    }
  }
  return { tokens: occurrences, bigrams, pairs: pairs.subarray(0, bigrams.size) };
}
