import { charactersLike, rangesOf } from './code-points.ts';
import { addFinalSigmas } from './final-sigma.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { addReplacement, addRewriting } from './rewrite-text.ts';

// The one letter whose lower case is not one letter: i and a combining dot, which ends a word.
const DOTTED_CAPITAL_I = '\u0130';

/**
 * Lower-cases texts [texts] as `toLowerCase()` does, as far as words of the vocabulary can appear:
 * letters whose lower case no term contains are left alone. ONNX's own StringNormalizer depends on
 * the locales of the machine that runs the model, and does not know the final sigma nor İ.
 */
export function addLowerCase(graph: GraphBuilder, texts: string, terms: readonly string[]): string {
  const alphabet = new Set(terms.join(''));
  const hasSigma = alphabet.has('σ') || alphabet.has('ς');
  const mended = hasSigma ? addFinalSigmas(graph, texts) : texts;
  const upper = charactersLike(/\p{Changes_When_Lowercased}/u).filter(
    (letter) => letter === DOTTED_CAPITAL_I || alphabet.has(letter.toLowerCase()),
  );
  const letters = rangesOf(upper);
  const lower = upper.map((letter) => letter.toLowerCase());
  return addRewriting(graph, mended, `[${letters}]|[^${letters}]+`, (pieces) =>
    addReplacement(graph, pieces, { from: upper, to: lower }),
  );
}
