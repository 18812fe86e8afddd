import { describe, expect, it } from 'vitest';
import { TokenTable, UNKNOWN } from '../../../learning/tfidf/token-table.ts';
import { tokenise } from '../../../learning/tfidf/tokenise.ts';

function tokensOf(...documents: string[]): string[][] {
  const table = new TokenTable();
  const { tokens, starts } = tokenise(documents, table, true);
  return documents.map((_, i) =>
    Array.from(tokens.subarray(starts[i], starts[i + 1]), (token) => table.text(token)),
  );
}

describe('tokenise', () => {
  it('takes runs of two or more word characters in lower case', () => {
    expect(tokensOf("The CAT's 2 hats, x_1!", '', 'a b c')).toEqual([
      ['the', 'cat', 'hats', 'x_1'],
      [],
      [],
    ]);
  });

  it('counts code points, not UTF-16 units', () => {
    expect(tokensOf('\u{1d400} \u{1d400}\u{1d401} a\u{20000}')).toEqual([
      ['\u{1d400}\u{1d401}', 'a\u{20000}'],
    ]);
  });

  it('ends a token at a combining mark, as Python does', () => {
    expect(tokensOf('nai\u0308ve हिन्दी')).toEqual([['nai', 've']]);
  });

  it('lower-cases whole texts: final sigma, dotted I, sharp s', () => {
    expect(tokensOf('ΟΔΟΣ ΣΟΦΟΣ', 'İki', 'STRAẞE')).toEqual([
      ['οδος', 'σοφος'],
      // U+0130 becomes i and a combining dot, which is no word character.
      ['ki'],
      ['straße'],
    ]);
  });

  it('is not misled by lone surrogates', () => {
    expect(tokensOf('ab\ud800cd \udc00ef\ud83d')).toEqual([['ab', 'cd', 'ef']]);
  });

  it('keeps a very long token whole', () => {
    const long = 'x'.repeat(300_000);
    expect(tokensOf(long)).toEqual([[long]]);
  });

  it('marks tokens that a closed table does not hold', () => {
    const table = new TokenTable();
    tokenise(['ab cd'], table, true);
    const { tokens } = tokenise(['cd xy ab'], table, false);
    expect([...tokens]).toEqual([1, UNKNOWN, 0]);
    expect(table.size).toBe(2);
  });

  it('tells many thousand tokens apart', () => {
    const words = Array.from({ length: 50_000 }, (_, i) => `w${i.toString(36)}`);
    const table = new TokenTable();
    const { tokens } = tokenise([words.join(' '), words.toReversed().join(' ')], table, true);
    expect(table.size).toBe(words.length);
    expect(table.text(49_999)).toBe(words.at(-1));
    expect(tokens[50_000]).toBe(49_999);
    expect(tokens[99_999]).toBe(0);
  });
});
