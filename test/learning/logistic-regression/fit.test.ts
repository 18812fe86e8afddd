import { deserialize, serialize } from 'node:v8';
import { describe, expect, it } from 'vitest';
import type { LbfgsState } from '../../../learning/lbfgs/state.ts';
import { CHUNK_ROWS } from '../../../learning/logistic-regression/chunks.ts';
import { createWork, type DataTerm } from '../../../learning/logistic-regression/data-term.ts';
import { collectDense, denseTerm } from '../../../learning/logistic-regression/dense-term.ts';
import { collectSparse, sparseTerm } from '../../../learning/logistic-regression/sparse-term.ts';
import { fitLogisticRegression } from '../../../learning/logistic-regression/fit.ts';
import { denseMatrix } from '../../../learning/matrix/matrix.ts';
import type { DenseMatrix, SparseMatrix } from '../../../learning/matrix/matrix.ts';
import { createRandomState } from '../../../learning/random/random-state.ts';

function noisy(
  rows: number,
  columns: number,
  classCount: number,
): {
  matrix: DenseMatrix;
  codes: Int32Array;
  classCount: number;
} {
  const random = createRandomState(9);
  const matrix = denseMatrix(random.randn(rows * columns), rows, columns);
  const codes = Int32Array.from({ length: rows }, (_, i) => {
    const raw = (matrix.values[i * columns]! + random.normal() + 2) * (classCount / 4);
    return Math.min(classCount - 1, Math.max(0, Math.floor(raw)));
  });
  return { matrix, codes, classCount };
}

function toSparse({ rows, columns, values }: DenseMatrix): SparseMatrix {
  return {
    kind: 'sparse',
    rows,
    columns,
    rowStarts: Int32Array.from({ length: rows + 1 }, (_, i) => i * columns),
    columnIndices: Int32Array.from(values, (_, i) => i % columns),
    values,
  };
}

describe('fitLogisticRegression', () => {
  it('finds the slope and intercept of a small problem', () => {
    // From scikit-learn: LogisticRegression(C=1).fit([[-2], [-1], [0.5], [2]], [0, 0, 1, 1]).
    const { linear, converged } = fitLogisticRegression({
      matrix: denseMatrix(Float64Array.of(-2, -1, 0.5, 2), 4, 1),
      codes: Int32Array.of(0, 0, 1, 1),
      classCount: 2,
    });
    expect(converged).toBe(true);
    expect(linear.coefficients[0]).toBeCloseTo(0.97796627, 7);
    expect(linear.intercepts[0]).toBeCloseTo(0.16344064, 7);
  });

  it('gives the same model for a dense and a sparse matrix', () => {
    const data = noisy(500, 4, 3);
    const dense = fitLogisticRegression(data);
    const sparse = fitLogisticRegression({ ...data, matrix: toSparse(data.matrix) });
    expect(sparse.iterations).toBe(dense.iterations);
    dense.linear.coefficients.forEach((value, i) => {
      expect(sparse.linear.coefficients[i]).toBeCloseTo(value, 10);
    });
  });

  it('says when it did not converge', () => {
    const { converged, status, iterations } = fitLogisticRegression(noisy(300, 3, 4), {
      params: { max_iter: 2 },
    });
    expect({ converged, status, iterations }).toEqual({
      converged: false,
      status: 'iteration-limit',
      iterations: 2,
    });
  });

  it('shrinks coefficients as C falls, but not the intercept', () => {
    const data = noisy(400, 3, 2);
    const { linear } = fitLogisticRegression(data, { params: { C: 1e-6, tol: 1e-9 } });
    expect(Math.max(...linear.coefficients.map(Math.abs))).toBeLessThan(1e-3);
    const share = data.codes.filter((code) => code === 1).length / 400;
    expect(linear.intercepts[0]).toBeCloseTo(Math.log(share / (1 - share)), 3);
  });

  it('reports every iteration with a falling loss', () => {
    const losses: number[] = [];
    const result = fitLogisticRegression(noisy(300, 5, 3), {
      onIteration: ({ iteration, loss }) => {
        losses.push(loss);
        expect(iteration).toBe(losses.length);
      },
    });
    expect(losses.length).toBe(result.iterations);
    expect(losses.at(-1)).toBe(result.loss);
    expect(losses).toEqual(losses.toSorted((a, b) => b - a));
  });

  it('resumes from any checkpoint with the same bits', () => {
    const data = noisy(700, 6, 3);
    const straight = fitLogisticRegression(data);
    const checkpoints: Buffer[] = [];
    fitLogisticRegression(data, { onIteration: (_, state) => checkpoints.push(serialize(state)) });
    expect(checkpoints.length).toBe(straight.iterations);
    for (const checkpoint of checkpoints) {
      const resume = deserialize(checkpoint) as LbfgsState;
      expect(fitLogisticRegression(data, { resume })).toEqual(straight);
    }
  });

  it('refuses a checkpoint of another problem', () => {
    let resume: LbfgsState | undefined;
    fitLogisticRegression(noisy(100, 2, 2), { onIteration: (_, state) => (resume = state) });
    expect(() => fitLogisticRegression(noisy(100, 3, 2), { resume: resume! })).toThrow(
      expect.objectContaining({ reason: 'shape' }),
    );
  });

  it.each([
    {
      problem: 'one class',
      values: [1, 2, 3],
      codes: [0, 0, 0],
      classCount: 1,
      reason: 'one-class',
    },
    { problem: 'NaN', values: [1, NaN, 3], codes: [0, 0, 1], classCount: 2, reason: 'not-finite' },
    {
      problem: 'infinity',
      values: [1, -1 / 0, 3],
      codes: [0, 0, 1],
      classCount: 2,
      reason: 'not-finite',
    },
    {
      problem: 'a missing label',
      values: [1, 2, 3],
      codes: [0, 1],
      classCount: 2,
      reason: 'shape',
    },
  ])('refuses $problem', ({ values, codes, classCount, reason }) => {
    const matrix = denseMatrix(Float64Array.from(values), values.length, 1);
    expect(() =>
      fitLogisticRegression({ matrix, codes: Int32Array.from(codes), classCount }),
    ).toThrow(expect.objectContaining({ reason }));
  });

  // scikit-learn warns "failed to converge after 0 iterations (ABNORMAL)" and keeps zeros, too.
  it('stays at zero when features are so large that the loss overflows', () => {
    const matrix = denseMatrix(Float64Array.of(1e300, -1e300, 1e305, 5), 4, 1);
    const codes = Int32Array.of(0, 1, 0, 1);
    const result = fitLogisticRegression({ matrix, codes, classCount: 2 });
    expect(result).toMatchObject({
      converged: false,
      status: 'line-search-failed',
      iterations: 0,
      linear: { coefficients: Float64Array.of(0), intercepts: Float64Array.of(0) },
    });
  });
});

describe('parts of an evaluation', () => {
  const dense = noisy(70 * CHUNK_ROWS + 7, 5, 3);
  const sparse = { ...dense, matrix: toSparse(dense.matrix) };

  it.each([
    ['dense', denseTerm(dense.matrix, dense.codes, 3), collectDense],
    ['sparse', sparseTerm(sparse.matrix, sparse.codes, 3), collectSparse],
  ] as const)(
    'add up to the same bits in whatever order they are done (%s)',
    (_, term, collect) => {
      term.parameters.set(createRandomState(3).randn(term.parameters.length));
      const evaluate = (ordered: (parts: number[]) => number[]): [number, Float64Array] => {
        const work = createWork(term);
        work.phases.forEach((parts, phase) => {
          for (const part of ordered([...Array(parts).keys()])) work.perform(phase, part);
        });
        const gradient = new Float64Array(term.parameters.length);
        return [(collect as (t: DataTerm, g: Float64Array) => number)(term, gradient), gradient];
      };
      const inOrder = evaluate((parts) => parts);
      expect(evaluate((parts) => parts.reverse())).toEqual(inOrder);
      expect(inOrder[1].some((value) => value === 0)).toBe(false);
    },
  );

  it.each([
    ['dense, 2 classes', noisy(300_000, 20, 2)],
    ['dense, 3 classes', noisy(100_000, 20, 3)],
    [
      'sparse',
      (() => {
        const data = noisy(100_000, 20, 3);
        return { ...data, matrix: toSparse(data.matrix) };
      })(),
    ],
  ])('give the same model on any number of threads (%s)', (_, data) => {
    const alone = fitLogisticRegression(data, { params: { max_iter: 40 } });
    for (const threads of [2, 3, 7]) {
      const together = fitLogisticRegression(data, { params: { max_iter: 40 }, threads });
      expect({ ...together, helperSeconds: 0 }).toEqual(alone);
    }
  });
});
