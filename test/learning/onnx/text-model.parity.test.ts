import { beforeAll, describe, expect, it } from 'vitest';

import { MODELS } from '../../../learning/models.ts';
import type { ClassLabels, LabelValue } from '../../../learning/onnx/class-labels.ts';
import type { OnnxModel } from '../../../learning/onnx/onnx-model.ts';
import { textModelToOnnx } from '../../../learning/onnx/text-model.ts';
import type { TrainedModel } from '../../../learning/trained-model.ts';
import { textProblem } from '../reference/random-texts.ts';
import {
  askReference,
  greatestDifference,
  runModels,
  type FittedText,
  type RuntimeAnswer,
  type SklearnAnswer,
} from './reference.ts';

type TextModel = Extract<TrainedModel, { kind: 'logreg_text' }>;

/** Texts that lower-casing or cutting into words could get wrong. */
const AWKWARD = [
  '',
  ' ',
  '?!',
  'a',
  'a b c d',
  'İstanbul İZMİR BİR Ilık ıssız',
  'ΟΔΥΣΣΕΥΣ ΚΟΣΜΟΣ.ΑΥΤΟΣ Σ ΣΣ οδυσσευς',
  "ΑΣ'Α ΑΣ' ΑΣ",
  'nai\u0308ve naïve NAÏVE',
  'क्षेत्र हिन्दी',
  'x² ²³ ½¼ ⅷⅷ ⅧⅧ',
  '\u{1d400}\u{1d401} \u{10400}\u{10401} \u{10428}\u{10429} \u{20000}\u{20001}',
  '東京都 日本 한국어 ไทยแลนด์',
  'e\u200dmoji 👩‍💻 ab👩cd',
  'ẞtand STRASSE Straße',
  'ǅungla ǆungla Ǆungla',
  'foo_bar __ _ _a',
  'nul\0byte ab\0cd',
  'line\nbreak\r\nand\ttab\u2028next\u0085more',
  'K ÅNGSTRÖM Ångström kelvin Kelvin ΩΩ ωω',
  'ab  cd\u00a0ef\u3000gh',
  "don't DON'T",
  'xy zz xy',
  'xy xy xy xy',
];

function toModel(fitted: FittedText): TextModel {
  return {
    kind: 'logreg_text',
    tfidf: { terms: fitted.terms, idf: Float64Array.from(fitted.idf) },
    linear: {
      classCount: fitted.labels.length,
      featureCount: fitted.terms.length,
      coefficients: Float64Array.from(fitted.coefficients),
      intercepts: Float64Array.from(fitted.intercepts),
    },
  };
}

function toOnnx(fitted: FittedText, type: ClassLabels['type']): OnnxModel {
  const { tfidf, linear } = toModel(fitted);
  return textModelToOnnx({ tfidf, linear, labels: { type, values: fitted.labels } });
}

async function runTexts(model: OnnxModel, texts: readonly string[]): Promise<RuntimeAnswer> {
  const columns = [{ ...model.inputs[0]!, values: texts }];
  const [answer] = await runModels([{ model, columns }]);
  return answer!;
}

/** [rows][classes] and labels, by our own code. */
function predictHere(fitted: FittedText, texts: readonly string[]): SklearnAnswer {
  const { codes, probabilities } = MODELS.logreg_text.predict(toModel(fitted), texts);
  const width = fitted.labels.length;
  return {
    labels: Array.from(codes, (code) => fitted.labels[code]!),
    probabilities: texts.map((_, i) =>
      Array.from(probabilities.subarray(i * width, (i + 1) * width)),
    ),
  };
}

interface Case {
  readonly name: string;
  readonly type: ClassLabels['type'];
  readonly labels: readonly LabelValue[];
  readonly maxFeatures: number;
}

const CASES: readonly Case[] = [
  { name: 'two classes', type: 'int', labels: [0, 1], maxFeatures: 20_000 },
  { name: 'two bool classes, 40 terms', type: 'bool', labels: [false, true], maxFeatures: 40 },
  { name: 'three classes', type: 'string', labels: ['no', 'off', 'ναί'], maxFeatures: 20_000 },
  { name: 'five classes, 100 terms', type: 'int', labels: [1, 2, 3, 10, 20], maxFeatures: 100 },
];

const outcomes = new Map<
  string,
  { fitted: FittedText; texts: readonly string[]; runtime: RuntimeAnswer; sklearn: SklearnAnswer }
>();

beforeAll(async () => {
  const trained = CASES.map(({ labels, maxFeatures }, i) => {
    const size = { count: 250, classCount: labels.length, words: 200 };
    const { texts, codes } = textProblem(50 + i, size);
    const all = [...texts, ...AWKWARD];
    const target = all.map((_, row) => labels[(codes[row] ?? row) % labels.length]!);
    return { texts: all, labels: target, maxFeatures };
  });
  const fits = await askReference<FittedText>('fit_text', trained);
  const tests = CASES.map(({ labels }, i) => [
    ...textProblem(90 + i, { count: 200, classCount: labels.length, words: 200 }).texts,
    ...AWKWARD,
  ]);
  const sklearn = await askReference<SklearnAnswer>(
    'text',
    fits.map((fitted, i) => ({ ...fitted, texts: tests[i] })),
  );
  const runtime = await runModels(
    CASES.map(({ type }, i) => {
      const model = toOnnx(fits[i]!, type);
      return { model, columns: [{ ...model.inputs[0]!, values: tests[i]! }] };
    }),
  );
  CASES.forEach(({ name }, i) => {
    const outcome = { fitted: fits[i]!, texts: tests[i]! };
    outcomes.set(name, { ...outcome, runtime: runtime[i]!, sklearn: sklearn[i]! });
  });
});

describe.each(CASES)('a text model with $name', ({ name }) => {
  it('predicts what scikit-learn predicts', () => {
    const { runtime, sklearn } = outcomes.get(name)!;
    expect(runtime.values[0]).toEqual(sklearn.labels);
    expect(new Set(sklearn.labels).size).toBeGreaterThan(1);
    expect(greatestDifference(runtime, sklearn.probabilities)).toBeLessThan(1e-12);
  });

  it('predicts what we predict', () => {
    const { fitted, texts, runtime } = outcomes.get(name)!;
    const here = predictHere(fitted, texts);
    expect(runtime.values[0]).toEqual(here.labels);
    expect(greatestDifference(runtime, here.probabilities)).toBeLessThan(1e-12);
  });

  it('is written as protobuf itself writes it, with outputs of one dimension', () => {
    const { runtime } = outcomes.get(name)!;
    expect(runtime.reserialised).toBe(true);
    expect(new Set(runtime.dims)).toEqual(new Set([1]));
  });
});

/** A model that tells apart which terms a text holds, and how often. */
function telling(terms: readonly string[]): FittedText {
  return {
    terms,
    idf: terms.map((_, i) => 1 + i / 7),
    coefficients: terms.map((_, i) => (i % 2 === 0 ? 1 : -1) * (1 + i / 3)),
    intercepts: [0.25],
    labels: [0, 1],
  };
}

const VOCABULARIES: readonly (readonly [string, readonly string[]])[] = [
  ['of words only', ['ab', 'cd', 'xy', 'zz']],
  ['of word pairs only', ['ab cd', 'xy xy', 'xy zz', 'ΑΣ ΑΣ'.toLowerCase()]],
  ['of one word', ['xy']],
  ['of pairs whose words were cut', ['ab', 'ab cd', 'cd ef', 'ef gh', 'xy zz', 'zz']],
  ['without Latin letters', ['日本', '東京都', '東京都 日本']],
  ['with a final sigma', ['ασ', 'ας', 'κοσμος', 'κοσμοσ αυτος', 'οδυσσευς', 'σς']],
  ['of digits', ['23', '²³', 'x²']],
];

describe('vocabularies', () => {
  const problems = VOCABULARIES.map(([, terms]) => ({
    ...telling(terms),
    texts: [...AWKWARD, ...terms, ...terms.map((term) => term.toUpperCase()), 'ab CD ef GH'],
  }));
  let sklearn: SklearnAnswer[];
  let runtime: RuntimeAnswer[];

  beforeAll(async () => {
    sklearn = await askReference<SklearnAnswer>('text', problems);
    runtime = await runModels(
      problems.map((problem) => {
        const model = toOnnx(problem, 'int');
        return { model, columns: [{ ...model.inputs[0]!, values: problem.texts }] };
      }),
    );
  });

  it.each(VOCABULARIES.map(([name], i) => ({ name, i })))('$name', ({ i }) => {
    const { probabilities, labels } = sklearn[i]!;
    expect(new Set(probabilities.map(([p]) => p)).size).toBeGreaterThan(1);
    expect(runtime[i]!.values[0]).toEqual(labels);
    expect(greatestDifference(runtime[i]!, probabilities)).toBeLessThan(1e-12);
    const here = predictHere(problems[i]!, problems[i]!.texts);
    expect(greatestDifference(runtime[i]!, here.probabilities)).toBeLessThan(1e-12);
  });
});

describe('the characters of words', () => {
  const fitted = telling(['ab', 'ab cd', 'cd', 'zz']);
  const all = Array.from({ length: 0x110000 }, (_, point) => point).filter(
    (point) => point < 0xd800 || point >= 0xe000,
  );
  /** A word character makes one unknown word of its neighbours, another leaves them two words. */
  const texts = (points: readonly number[]): string[] =>
    Array.from({ length: Math.ceil(points.length / 500) }, (_, i) =>
      points
        .slice(i * 500, i * 500 + 500)
        .map((point) => `ab${String.fromCodePoint(point)}cd`)
        .concat('zz')
        .join(' '),
    );

  it('are the same in the model and here', async () => {
    const runtime = await runTexts(toOnnx(fitted, 'int'), texts(all));
    const here = predictHere(fitted, texts(all));
    expect(greatestDifference(runtime, here.probabilities)).toBeLessThan(1e-12);
  });

  it('are those of Python, where its Unicode knows them', async () => {
    const [unassigned] = await askReference<readonly number[]>('unassigned', [{}]);
    const unknown = new Set(unassigned);
    const known = texts(all.filter((point) => !unknown.has(point)));
    const [sklearn] = await askReference<SklearnAnswer>('text', [{ ...fitted, texts: known }]);
    const runtime = await runTexts(toOnnx(fitted, 'int'), known);
    expect(greatestDifference(runtime, sklearn!.probabilities)).toBeLessThan(1e-12);
  });
});

describe('rows', () => {
  it('do not influence one another', async () => {
    const fitted = telling(['ab', 'ab cd', 'cd', 'zz']);
    const model = toOnnx(fitted, 'int');
    const texts = Array.from(
      { length: 300 },
      (_, i) => 'ab cd '.repeat(i % 7) + 'zz x '.repeat(i % 3),
    );
    const together = await runTexts(model, texts);
    expect(together.values[0]).toHaveLength(texts.length);
    const some = texts.flatMap((_, i) => (i % 17 === 0 ? [i] : []));
    const alone = await runModels(
      some.map((i) => ({ model, columns: [{ ...model.inputs[0]!, values: [texts[i]!] }] })),
    );
    some.forEach((row, i) => {
      expect(together.values.map((column) => column[row])).toEqual(
        alone[i]!.values.map((column) => column[0]),
      );
    });
  });

  it('may be missing', async () => {
    const answer = await runTexts(toOnnx(telling(['ab', 'cd']), 'int'), []);
    expect(answer.values).toEqual([[], [], []]);
  });

  it('without a known word get the probabilities of the intercept', async () => {
    const texts = ['', 'unknown words', '…'];
    const answer = await runTexts(toOnnx(telling(['ab', 'cd']), 'int'), texts);
    const p = 1 / (1 + Math.exp(-0.25));
    (answer.values[2] as number[]).forEach((value) => expect(value).toBeCloseTo(p, 14));
  });
});

describe('a vocabulary of 20 000 terms', () => {
  it('fits a file of about its own size, and predicts the same', async () => {
    const terms = Array.from({ length: 20_000 }, (_, i) =>
      i < 12_000 ? `word${i}` : `word${i - 12_000} word${i - 11_999}`,
    );
    const fitted = telling(terms);
    const model = toOnnx(fitted, 'int');
    expect(model.bytes.length).toBeLessThan(1_000_000);
    const texts = Array.from({ length: 200 }, (_, i) =>
      Array.from({ length: 40 }, (__, j) => `Word${(i * 331 + j * (1 + (i % 2))) % 13_000}`).join(
        ' ',
      ),
    );
    const runtime = await runTexts(model, texts);
    const here = predictHere(fitted, texts);
    expect(runtime.values[0]).toEqual(here.labels);
    expect(greatestDifference(runtime, here.probabilities)).toBeLessThan(1e-12);
  });
});
