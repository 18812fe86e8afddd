import { expect, it } from 'vitest';
import { fitLogisticRegression } from '../../../learning/logistic-regression/fit.ts';
import { predict } from '../../../learning/predict/predictions.ts';
import { fitTfidf, transformTfidf } from '../../../learning/tfidf/tfidf.ts';
import type { SparseMatrix } from '../../../learning/matrix/matrix.ts';
import { askAll } from '../reference/ask.ts';
import { seeds } from '../reference/effort.ts';
import type { Problem } from '../reference/problems.ts';
import { textProblem } from '../reference/random-texts.ts';

function plain(matrix: SparseMatrix): Problem<'fit'>['train'] {
  const { rows, columns, rowStarts, columnIndices, values } = matrix;
  return {
    rows,
    columns,
    rowStarts: [...rowStarts],
    columnIndices: [...columnIndices],
    values: [...values],
  };
}

it('fits weighted texts as scikit-learn does, to the last iteration and probability', async () => {
  const problems = seeds(8).map((seed) => {
    const classCount = 2 + (seed % 3);
    const { texts, codes } = textProblem(seed, { count: 300, classCount, words: 150 });
    const { model, matrix } = fitTfidf(texts.slice(60), 400);
    return {
      classCount,
      matrix,
      test: transformTfidf(model, texts.slice(0, 60)),
      codes: codes.slice(60),
      C: [1, 0.1, 30][seed % 3]!,
    };
  });
  const answers = await askAll(
    problems.map(({ matrix, test, codes, C }): Problem<'fit'> => ({
      op: 'fit',
      train: plain(matrix),
      test: plain(test),
      codes,
      params: { C, max_iter: 1000, tol: 1e-4 },
      again: 0,
    })),
  );
  answers.forEach(({ fits: [sklearn] }, i) => {
    const { matrix, test, codes, classCount, C } = problems[i]!;
    const data = { matrix, codes: Int32Array.from(codes), classCount };
    const { linear, iterations } = fitLogisticRegression(data, { params: { C } });
    expect(iterations).toBe(sklearn!.iterations);
    const { codes: predicted, probabilities } = predict(linear, test);
    expect([...predicted]).toEqual(sklearn!.predicted);
    probabilities.forEach((probability, at) => {
      expect(Math.abs(probability - sklearn!.probabilities[at]!)).toBeLessThan(1e-10);
    });
  });
});
