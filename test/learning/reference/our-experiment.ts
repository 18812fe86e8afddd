import { learningFailure } from '../../../activities/compute/learning-failures.ts';
import { LearningError } from '../../../learning/learning-error.ts';
import { fitLogisticRegression } from '../../../learning/logistic-regression/fit.ts';
import type { Matrix } from '../../../learning/matrix/matrix.ts';
import { denseMatrix } from '../../../learning/matrix/matrix.ts';
import { evaluate } from '../../../learning/metrics/evaluate.ts';
import { predict } from '../../../learning/predict/predictions.ts';
import { stratifiedSplit } from '../../../learning/split/stratified-split.ts';
import { fitTfidf, transformTfidf } from '../../../learning/tfidf/tfidf.ts';
import type { Params } from '../../../schemas/request.ts';
import { paramsSchema } from '../../../schemas/request.ts';
import type { ReferenceExperiment } from './problems.ts';
import { selectRows } from './select-rows.ts';

export interface LabelledData {
  readonly input: { readonly rows: readonly (readonly number[])[] } | { readonly texts: string[] };
  readonly codes: Int32Array;
  readonly classCount: number;
}

export const DEFAULTS: Params = paramsSchema.parse({});

/**
 * The mission document's experiment with our numerics, in the words of the reference's answer.
 * @throws LearningError
 */
export function runOurs(
  { input, codes, classCount }: LabelledData,
  { test_size, seed, ...params }: Params,
): Omit<ReferenceExperiment, 'labels' | 'labelType' | 'again'> {
  const split = stratifiedSplit({ codes, classCount, testSize: test_size, seed });
  const [train, test] = matrices(input, split);
  const data = { matrix: train, codes: split.train.map((row) => codes[row]!), classCount };
  const { linear, iterations, converged } = fitLogisticRegression(data, { params });
  const predictions = predict(linear, test);
  const actual = split.test.map((row) => codes[row]!);
  return {
    codes: [...codes],
    train: [...split.train],
    test: [...split.test],
    predicted: [...predictions.codes],
    probabilities: [...predictions.probabilities],
    iterations,
    converged,
    metrics: evaluate(actual, predictions, classCount).metrics,
  };
}

/** The code of a failure that learning from the data ends with. */
export function refusalOf(learn: () => unknown): string {
  try {
    learn();
  } catch (error) {
    if (error instanceof LearningError) return learningFailure(error).code;
    throw error;
  }
  return 'none';
}

function matrices(
  input: LabelledData['input'],
  split: { readonly train: Int32Array; readonly test: Int32Array },
): [train: Matrix, test: Matrix] {
  if ('texts' in input) {
    const pick = (rows: Int32Array): string[] => Array.from(rows, (row) => input.texts[row]!);
    const { model, matrix } = fitTfidf(pick(split.train));
    return [matrix, transformTfidf(model, pick(split.test))];
  }
  const { rows } = input;
  const all = denseMatrix(Float64Array.from(rows.flat()), rows.length, rows[0]!.length);
  return [selectRows(all, split.train), selectRows(all, split.test)];
}
