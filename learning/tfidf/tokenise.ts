import type { TokenTable } from './token-table.ts';
import { basicWordUnits, isSupplementaryWord } from './word-characters.ts';

/** Documents as token numbers: document i is tokens[starts[i]] up to tokens[starts[i + 1]]. */
export interface TokenStream {
  readonly tokens: Int32Array;
  /** [documents + 1] */
  readonly starts: Int32Array;
}

/**
 * Cuts documents into tokens as `TfidfVectorizer` does: lower case, then every longest run of two
 * or more word characters, `(?u)\b\w\w+\b`, counting code points.
 * Python's `str.lower` and JavaScript's `toLowerCase` are the same full Unicode mapping, final
 * sigma and U+0130 included; they differ only where their Unicode versions do.
 * @param learn whether unseen tokens are added to the table; else they become UNKNOWN
 */
export function tokenise(
  documents: readonly string[],
  table: TokenTable,
  learn: boolean,
): TokenStream {
  const starts = new Int32Array(documents.length + 1);
  let tokens = new Int32Array(1024);
  let count = 0;
  documents.forEach((document, i) => {
    // A token takes three units with its separator, and lower-casing at most doubles a text.
    const needed = count + document.length;
    if (needed > tokens.length) {
      const grown = new Int32Array(Math.max(needed, tokens.length * 2));
      grown.set(tokens);
      tokens = grown;
    }
    count = tokeniseOne(document.toLowerCase(), { table, learn, tokens, count });
    starts[i + 1] = count;
  });
  return { tokens: tokens.subarray(0, count), starts };
}

/** Appends the tokens of a lower-cased text and returns the new count. */
function tokeniseOne(
  text: string,
  into: {
    readonly table: TokenTable;
    readonly learn: boolean;
    readonly tokens: Int32Array;
    readonly count: number;
  },
): number {
  const { table, learn, tokens } = into;
  const isWordUnit = basicWordUnits();
  let count = into.count;
  let characters = 0;
  const length = text.length;
  for (let i = 0; i <= length; i++) {
    // Past the end, a space closes the last token.
    const unit = i < length ? text.charCodeAt(i) : 0x20;
    if (isWordUnit[unit] === 1) {
      table.push(unit);
      characters += 1;
    } else if (unit >= 0xd800 && unit < 0xdc00 && isSupplementaryWord(text.codePointAt(i)!)) {
      table.push(unit);
      table.push(text.charCodeAt(++i));
      characters += 1;
    } else if (characters > 0) {
      if (characters > 1) tokens[count++] = learn ? table.take() : table.find();
      else table.discard();
      characters = 0;
    }
  }
  return count;
}
