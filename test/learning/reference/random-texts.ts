import { createRandomState } from '../../../learning/random/random-state.ts';
import { between } from './random-problems.ts';

/** Words that lower-casing, tokenising or sorting could get wrong. */
const ODD_WORDS = [
  'İstanbul',
  'ISPARTA',
  'ıssız',
  'ΟΔΥΣΣΕΥΣ',
  'ΣΟΦΟΣ.',
  "ΑΣ'Α",
  'Straße',
  'STRASSE',
  'ẞtand',
  'naïve',
  'nai\u0308ve',
  'क्षेत्र',
  'हिन्दी',
  '東京都',
  '日本',
  '한국어',
  'ไทยแลนด์',
  '\u{1d400}\u{1d401}',
  '\u{1d400}',
  'a\u{1d7d8}',
  '\u{20000}\u{20001}',
  '\ufb01ne',
  '\uffdc\uff21\uff22',
  '½¼',
  '²³',
  'x²',
  'Ⅷⅷ',
  'foo_bar',
  '__',
  '_',
  'a',
  "don't",
  'e\u200dmoji',
  '👩‍💻',
  'café',
  'CAFÉ',
  '10',
  '9',
  '1,000.5',
  'x\u00a0y',
  'zero\u200bwidth',
  'ǅungla',
  'ﬃ',
  '',
];
const SEPARATORS = [' ', ' ', ' ', ' ', '  ', '\n', '\t', ', ', '-', '. ', '\u2003', '…'];

/** `count` documents of invented and odd words, with the class of each. */
export function textProblem(
  seed: number,
  size: { readonly count: number; readonly classCount: number; readonly words: number },
): { readonly texts: readonly string[]; readonly codes: readonly number[] } {
  const random = createRandomState(seed);
  const words = Array.from({ length: size.words }, () => {
    const letters = Array.from({ length: between(random, 1, 8) }, () => between(random, 97, 122));
    return String.fromCharCode(...letters);
  });
  const pick = (from: readonly string[]): string => from[between(random, 0, from.length - 1)]!;
  const codes = Array.from({ length: size.count }, (_, i) => i % size.classCount);
  const texts = codes.map((code) => {
    let text = '';
    for (let i = between(random, 0, 25); i > 0; i--) {
      const own = words[(between(random, 0, 9) * size.classCount + code) % words.length]!;
      const drawn = random.random();
      const word = drawn < 0.3 ? own : drawn < 0.45 ? pick(ODD_WORDS) : pick(words);
      text += (random.random() < 0.1 ? word.toUpperCase() : word) + pick(SEPARATORS);
    }
    return text;
  });
  return { texts, codes };
}
