import { describe, expect, it } from 'vitest';
import { fitLogisticRegression } from '../../../learning/logistic-regression/fit.ts';
import type { FitResult } from '../../../learning/logistic-regression/fit.ts';
import { denseMatrix } from '../../../learning/matrix/matrix.ts';
import type { DenseMatrix } from '../../../learning/matrix/matrix.ts';
import { selectRows } from '../reference/select-rows.ts';
import { predict } from '../../../learning/predict/predictions.ts';
import { createRandomState } from '../../../learning/random/random-state.ts';
import { stratifiedSplit } from '../../../learning/split/stratified-split.ts';
import { askAll } from '../reference/ask.ts';
import { seeds } from '../reference/effort.ts';
import type { Answers, Problem, ReferenceFit } from '../reference/problems.ts';
import { standardise, tabularProblem } from '../reference/random-problems.ts';

const PARAMS = { C: 1, max_iter: 1000, tol: 1e-4 };
type Rows = readonly (readonly number[])[];

/** One fit of ours beside scikit-learn's fit and its three fits on permuted rows. */
interface Comparison {
  readonly name: string;
  readonly standardised: boolean;
  readonly ours: FitResult;
  readonly predicted: Int32Array;
  readonly actual: Int32Array;
  readonly reference: Answers['fit'];
  readonly train: DenseMatrix;
  readonly codes: Int32Array;
}

function toMatrix(rows: Rows): DenseMatrix {
  return denseMatrix(Float64Array.from(rows.flat()), rows.length, rows[0]!.length);
}

function toRows(matrix: DenseMatrix): number[][] {
  return Array.from({ length: matrix.rows }, (_, i) => [
    ...matrix.values.subarray(i * matrix.columns, (i + 1) * matrix.columns),
  ]);
}

async function compare(
  sets: readonly { name: string; standardised: boolean; rows: Rows; codes: readonly number[] }[],
): Promise<readonly Comparison[]> {
  const prepared = sets.map((set) => {
    const codes = Int32Array.from(set.codes);
    const classCount = Math.max(...codes) + 1;
    const all = toMatrix(set.rows);
    const { train, test } = stratifiedSplit({ codes, classCount, testSize: 0.3, seed: 42 });
    return {
      ...set,
      classCount,
      train: selectRows(all, train),
      test: selectRows(all, test),
      codes: train.map((row) => codes[row]!),
      actual: test.map((row) => codes[row]!),
    };
  });
  const problems = prepared.map((set): Problem<'fit'> => ({
    op: 'fit',
    train: toRows(set.train),
    test: toRows(set.test),
    codes: [...set.codes],
    params: PARAMS,
    again: 3,
    optimum: set.standardised,
  }));
  const answers = await askAll(problems);
  return prepared.map((set, i) => {
    const { train, codes, classCount } = set;
    const ours = fitLogisticRegression({ matrix: train, codes, classCount });
    const predicted = predict(ours.linear, set.test).codes;
    return { ...set, ours, predicted, reference: answers[i]! };
  });
}

/**
 * On badly scaled data the path of L-BFGS amplifies the last bit: scikit-learn's own fits on
 * permuted rows then stop at other iterations, with other losses and labels. Only where its four
 * fits tell one story is there an answer to be equal to.
 */
function agreesWithItself({ fits }: Answers['fit']): boolean {
  const [first] = fits;
  return fits.every(
    (fit) =>
      fit.converged &&
      fit.iterations === first!.iterations &&
      Math.abs(fit.loss - first!.loss) <= 1e-10 * Math.abs(first!.loss),
  );
}

function largestGap(ours: Float64Array, theirs: readonly number[]): number {
  const scale = Math.max(...theirs.map(Math.abs), Number.MIN_VALUE);
  return Math.max(...theirs.map((value, i) => Math.abs(value - ours[i]!))) / scale;
}

function expectEqualFit({ name, ours, predicted, reference }: Comparison): void {
  const fit = reference.fits[0]!;
  expect(ours.iterations, name).toBe(fit.iterations);
  expect(ours.converged, name).toBe(true);
  expect(Math.abs(ours.loss - fit.loss) / fit.loss, name).toBeLessThan(1e-9);
  expect([...predicted], name).toEqual(fit.predicted);
}

/**
 * Where scikit-learn has no one answer, ours must be about as good as its own; its four fits do
 * not show its whole range, so a few test rows are given.
 */
function expectComparable({ name, predicted, actual, reference }: Comparison): void {
  const hits = (codes: ArrayLike<number>): number =>
    actual.filter((code, row) => codes[row] === code).length;
  const worst = Math.min(...reference.fits.map((fit) => hits(fit.predicted)));
  const given = Math.max(3, Math.ceil(0.02 * actual.length));
  expect(hits(predicted), name).toBeGreaterThanOrEqual(worst - given);
}

/** @returns the share of comparisons that had one answer to be equal to */
function expectEqualWhereSure(comparisons: readonly Comparison[]): number {
  const [sure, unsure] = [true, false].map((wanted) =>
    comparisons.filter(({ reference }) => agreesWithItself(reference) === wanted),
  );
  sure!.forEach(expectEqualFit);
  unsure!.forEach(expectComparable);
  return sure!.length / comparisons.length;
}

/** Newton's method at a tight tolerance finds the optimum; at ours, so does L-BFGS nearly. */
function expectOptimum({ name, train, codes, reference }: Comparison): void {
  const classCount = Math.max(...codes) + 1;
  const tight = { params: { ...PARAMS, tol: 1e-10 } };
  const { linear } = fitLogisticRegression({ matrix: train, codes, classCount }, tight);
  expect(largestGap(linear.coefficients, reference.optimum!), name).toBeLessThan(2e-6);
}

describe('logistic regression beside scikit-learn', () => {
  it("fits the library's data sets alike", async () => {
    const questions = ['iris', 'wine', 'breast_cancer', 'digits'].flatMap((name) =>
      [true, false].map((standardised) => ({ op: 'dataset', name, standardised }) as const),
    );
    const answers = await askAll(questions);
    const comparisons = await compare(
      answers.map((answer, i) => ({ ...questions[i]!, ...answer })),
    );
    for (const comparison of comparisons) {
      if (comparison.standardised) {
        expect(agreesWithItself(comparison.reference), comparison.name).toBe(true);
        expectEqualFit(comparison);
        expectOptimum(comparison);
        const fit = comparison.reference.fits[0]!;
        expect(largestGap(comparison.ours.linear.coefficients, fit.coefficients)).toBeLessThan(
          1e-9,
        );
        expect(comparison.ours.linear.intercepts).toSatisfy((intercepts: Float64Array) =>
          fit.intercepts.every((value, i) => Math.abs(value - intercepts[i]!) < 1e-8),
        );
      } else {
        if (comparison.reference.fits.every((fit) => fit.converged)) {
          expectSameSureLabels(comparison);
        }
        expectComparable(comparison);
      }
    }
  });

  it('fits random standardised problems alike', async () => {
    const comparisons = await compare(
      seeds(30).map((seed) => {
        const { rows, codes } = tabularProblem(seed);
        return { name: `seed ${seed}`, standardised: true, rows: standardise(rows), codes };
      }),
    );
    expect(expectEqualWhereSure(comparisons)).toBeGreaterThan(0.9);
    // With more columns than rows the stop at 64 eps leaves 1e-5, scikit-learn's as well.
    comparisons.filter(({ train }) => train.columns < train.rows).forEach(expectOptimum);
  });

  it('fits random problems of every scale alike wherever scikit-learn agrees with itself', async () => {
    const comparisons = await compare(
      seeds(30).map((seed) => {
        const { rows, codes } = tabularProblem(seed);
        return { name: `seed ${seed}`, standardised: false, rows, codes };
      }),
    );
    expect(expectEqualWhereSure(comparisons)).toBeGreaterThan(0.5);
  });

  it('ends alike however small or large a column is, even where the loss overflows', async () => {
    const exponents = [-300, -200, -160, -100, -20, 20, 50, 100, 140, 153, 155, 160, 200, 300];
    const problems = exponents.flatMap((exponent) =>
      [2, 3].map((classCount) => {
        const random = createRandomState(classCount);
        const codes = Array.from({ length: 40 }, (_, i) => i % classCount);
        const train = codes.map((code) => [
          random.normal() * 10 ** exponent,
          random.normal() + code,
          random.normal(),
        ]);
        return { op: 'fit', train, test: train, codes, params: PARAMS, again: 0 } as const;
      }),
    );
    const answers = await askAll<'fit'>(problems);
    answers.forEach(({ fits: [sklearn] }, i) => {
      const { train, codes } = problems[i]!;
      const matrix = toMatrix(train);
      const data = { matrix, codes: Int32Array.from(codes), classCount: Math.max(...codes) + 1 };
      const { linear, converged, iterations } = fitLogisticRegression(data);
      expect([converged, iterations]).toEqual([sklearn!.converged, sklearn!.iterations]);
      expect([...predict(linear, matrix).codes]).toEqual(sklearn!.predicted);
    });
  });
});

/** Labels that all of scikit-learn's fits give must be ours. */
function expectSameSureLabels({ name, predicted, reference }: Comparison): void {
  const fits: readonly ReferenceFit[] = reference.fits;
  const sure = [...predicted.keys()].filter((row) =>
    fits.every((fit) => fit.predicted[row] === fits[0]!.predicted[row]),
  );
  expect(
    sure.map((row) => predicted[row]),
    name,
  ).toEqual(sure.map((row) => fits[0]!.predicted[row]));
}
