import { expect, it } from 'vitest';
import { evaluate } from '../../../learning/metrics/evaluate.ts';
import { createRandomState } from '../../../learning/random/random-state.ts';
import { askAll } from '../reference/ask.ts';
import { seeds } from '../reference/effort.ts';
import { between } from '../reference/random-problems.ts';

/** Metrics that are sums and quotients of counts: equal to the last bit. */
const EXACT = [
  'accuracy',
  'balanced_accuracy',
  'f1_weighted',
  'f1_macro',
  'precision_weighted',
  'precision_macro',
  'recall_weighted',
  'recall_macro',
  'matthews_correlation',
];

/** Probabilities with ties, zeros and ones; labels with classes that never occur. */
function problem(seed: number): {
  op: 'evaluate';
  actual: number[];
  predicted: number[];
  probabilities: number[];
  classCount: number;
} {
  const random = createRandomState(seed);
  const classCount = between(random, 2, 12);
  const rows = between(random, 3, 400);
  const used = random.random() < 0.3 ? between(random, 1, classCount) : classCount;
  const actual = Array.from({ length: rows }, () => between(random, 0, used - 1));
  const skill = random.random();
  const rounding = [10, 100, 1e15][between(random, 0, 2)]!;
  const probabilities = actual.flatMap((code) => {
    const raw = Array.from({ length: classCount }, (_, k) =>
      Math.max(0, Math.round((random.random() + (k === code ? skill : 0) - 0.3) * rounding)),
    );
    const sum = raw.reduce((total, value) => total + value, 0);
    return sum === 0 ? raw.map((_, k) => (k === 0 ? 1 : 0)) : raw.map((value) => value / sum);
  });
  const predicted = actual.map((_, row) => {
    const own = probabilities.slice(row * classCount, (row + 1) * classCount);
    return own.indexOf(Math.max(...own));
  });
  return { op: 'evaluate', actual, predicted, probabilities, classCount };
}

it('has the metrics of scikit-learn for equal predictions', async () => {
  const problems = seeds(75).map(problem);
  const answers = await askAll(problems);
  answers.forEach((sklearn, i) => {
    const { actual, predicted, probabilities, classCount } = problems[i]!;
    const ours = evaluate(
      Int32Array.from(actual),
      { codes: Int32Array.from(predicted), probabilities: Float64Array.from(probabilities) },
      classCount,
    );
    for (const [name, value] of Object.entries(sklearn.metrics)) {
      const gap = Math.abs(ours.metrics[name]! - value);
      expect(gap, `problem ${i}: ${name}`).toBeLessThanOrEqual(EXACT.includes(name) ? 0 : 1e-12);
    }
    expect(ours.perClass).toEqual(sklearn.perClass);
    expect([...ours.confusion]).toEqual(sklearn.confusion);
  });
});
