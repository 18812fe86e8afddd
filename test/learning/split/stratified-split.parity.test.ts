import { expect, it } from 'vitest';
import { encodeLabels } from '../../../learning/labels/encode-labels.ts';
import type { Label } from '../../../learning/labels/encode-labels.ts';
import { createRandomState } from '../../../learning/random/random-state.ts';
import { stratifiedSplit } from '../../../learning/split/stratified-split.ts';
import { LearningError } from '../../../learning/learning-error.ts';
import { ask, isRefusal } from '../reference/ask.ts';
import { seeds } from '../reference/effort.ts';
import { between, unevenCodes } from '../reference/random-problems.ts';

const LABELS: readonly (readonly Label[])[] = [
  [3, -2, 10, 9, 100, 7, 0, 1],
  [1, 2.0, 1e3, -1e9, 4, 5, 6, 8],
  [true, false],
  ['b', 'a', 'Z', '10', '9', 'ä', '\u{1f600}', '\uffee'],
];

it('equals train_test_split index for index', async () => {
  const problems = seeds(300).map((seed) => {
    const random = createRandomState(seed);
    const names = LABELS[between(random, 0, LABELS.length - 1)]!;
    const classCount = between(random, 2, names.length);
    const rows = between(random, 2 * classCount, random.random() < 0.1 ? 5000 : 150);
    const labels = unevenCodes(random, rows, classCount).map((code) => names[code]!);
    // A class of one row now and then.
    if (random.random() < 0.05) labels[0] = names.at(-1)!;
    const testSize = [0.2, 0.2, 0.25, 0.33, 0.5, 0.1, 0.01, 0.9][between(random, 0, 7)]!;
    return { op: 'split', labels, testSize, seed: random.interval(0xffffffff) } as const;
  });
  const answers = await ask(problems);
  let refused = 0;
  answers.forEach((sklearn, i) => {
    const { labels, testSize, seed } = problems[i]!;
    const { classes, codes, counts } = encodeLabels(labels);
    const split = (): ReturnType<typeof stratifiedSplit> =>
      stratifiedSplit({ codes, classCount: classes.length, testSize, seed });
    if (isRefusal(sklearn)) {
      refused += 1;
      // We grow a test set that is too small; everything else is refused alike.
      if (sklearn.error.startsWith('The test_size')) expectGrown(split, classes.length);
      else expect(split).toThrow(LearningError);
      return;
    }
    expect(classes).toEqual(sklearn.classes);
    expect([...counts]).toEqual(sklearn.counts);
    const { train, test } = split();
    expect([...train]).toEqual(sklearn.train);
    expect([...test]).toEqual(sklearn.test);
  });
  expect(refused).toBeLessThan(problems.length / 2);
});

function expectGrown(split: () => ReturnType<typeof stratifiedSplit>, classCount: number): void {
  try {
    expect(split().test.length).toBe(classCount);
  } catch (error) {
    expect(error).toMatchObject({ reason: 'too-few-rows' });
  }
}
