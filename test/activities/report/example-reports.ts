import {
  LOGISTIC_DEFAULTS,
  type LogisticParams,
} from '../../../learning/logistic-regression/fit.ts';
import { denseMatrix } from '../../../learning/matrix/matrix.ts';
import { evaluate } from '../../../learning/metrics/evaluate.ts';
import { MODELS } from '../../../learning/models.ts';
import type { Predictions } from '../../../learning/predict/predictions.ts';
import { createRandomState } from '../../../learning/random/random-state.ts';
import { stratifiedSplit } from '../../../learning/split/stratified-split.ts';
import { RunningMoments } from '../../../activities/report/profile/running-moments.ts';
import { RunningTextLengths } from '../../../activities/report/profile/text-lengths.ts';
import type { DataProfile } from '../../../activities/report/profile/data-profile.ts';
import type { TrainedModel } from '../../../learning/trained-model.ts';
import type { LossPoint, ReportInput, RunFacts } from '../../../activities/report/report-input.ts';
import type { LabelValue } from '../../../schemas/dataset.ts';

export interface Example {
  readonly labels: readonly LabelValue[];
  readonly rows: number;
  readonly features?: readonly string[];
  /** How far the classes lie apart. */
  readonly skill?: number;
  readonly seed?: number;
  /** Fewer, where only the shape of the report matters. */
  readonly iterations?: number;
  readonly facts?: Partial<RunFacts>;
}

/** A report of a model really trained on random numbers whose means differ by class. */
export function tabularExample(example: Example): ReportInput {
  const { labels, rows, skill = 1 } = example;
  const features = example.features ?? ['feature_1', 'feature_2', 'feature_3'];
  const random = createRandomState(example.seed ?? 7);
  const codes = randomCodes(random, rows, labels.length);
  const centres = labels.map(() => features.map(() => (random.random() - 0.5) * 4 * skill));
  const values = new Float64Array(rows * features.length);
  for (let at = 0; at < values.length; at++) {
    const column = at % features.length;
    const code = codes[Math.floor(at / features.length)]!;
    const noise = random.random() + random.random() + random.random() - 1.5;
    values[at] = (centres[code]![column]! + 2 * noise) * 10 ** (column % 3);
  }
  const { train, test } = split(codes, labels.length);
  const choose = (chosen: Int32Array) => selectRows(values, features.length, chosen);
  const loss: LossPoint[] = [];
  const training = MODELS.logreg_tabular.fit(
    choose(train),
    { codes: train.map((row) => codes[row]!), classCount: labels.length },
    {
      params: params(example),
      onIteration: (point) => loss.push({ iteration: point.iteration, loss: point.loss }),
    },
  );
  const predictions = MODELS.logreg_tabular.predict(training.model, choose(test));
  const moments = new RunningMoments(features.length);
  moments.add(values);
  const profile = { rows, classRows: counts(codes, labels), features: moments.moments() };
  return { ...report(example, { codes, test, predictions, training, profile, loss }), features };
}

const TOPICS = [
  ['goal', 'match', 'striker', 'league', 'coach', 'penalty kick'],
  ['vote', 'senate', 'minister', 'election', 'bill', 'prime minister'],
  ['galaxy', 'telescope', 'orbit', 'launch', 'probe', 'solar wind'],
  ['دانلود', 'شعر', 'کتاب', 'نویسنده', 'داستان', 'فصل'],
];
const COMMON = ['the', 'today', 'said', 'report', 'new', 'people', 'after', 'before', 'première'];

function params({ iterations }: Example): LogisticParams {
  return { ...LOGISTIC_DEFAULTS, ...(iterations !== undefined && { max_iter: iterations }) };
}

/** A report of a model really trained on random sentences of a few topics. */
export function textExample(example: Example): ReportInput {
  const { labels, rows, skill = 1 } = example;
  const random = createRandomState(example.seed ?? 7);
  const codes = randomCodes(random, rows, labels.length);
  const pick = (words: readonly string[]): string =>
    words[Math.floor(random.random() * words.length)]!;
  const texts = Array.from(codes, (code) =>
    Array.from({ length: 4 + Math.floor(random.random() * 12) }, () =>
      pick(random.random() < 0.12 * skill ? TOPICS[code % TOPICS.length]! : COMMON),
    ).join(' '),
  );
  const { train, test } = split(codes, labels.length);
  const choose = (chosen: Int32Array): string[] => Array.from(chosen, (row) => texts[row]!);
  const loss: LossPoint[] = [];
  const training = MODELS.logreg_text.fit(
    choose(train),
    { codes: train.map((row) => codes[row]!), classCount: labels.length },
    {
      params: params(example),
      onIteration: (point) => loss.push({ iteration: point.iteration, loss: point.loss }),
    },
  );
  const predictions = MODELS.logreg_text.predict(training.model, choose(test));
  const lengths = new RunningTextLengths();
  const encoder = new TextEncoder();
  for (const text of texts) {
    const bytes = encoder.encode(text);
    lengths.add(bytes, Float64Array.of(0, bytes.length));
  }
  const profile = { rows, classRows: counts(codes, labels), texts: lengths.lengthsSoFar() };
  return {
    ...report(example, { codes, test, predictions, training, profile, loss }),
    features: training.model.tfidf.terms,
  };
}

export const FACTS: RunFacts = {
  experimentName: 'churn-baseline',
  runId: '0f1e2d3c4b5a69788796a5b4c3d2e1f0',
  workflowId: 'experiment-2f6c1a',
  source: 'train.csv',
  target: 'label',
  rows: 400,
  trainRows: 320,
  testRows: 80,
  iterations: 11,
  converged: true,
  params: { C: 1, max_iter: 1000, tol: 0.0001, test_size: 0.2, seed: 42 },
  steps: [
    { step: 'load', ms: 41 },
    { step: 'split', ms: 9 },
    { step: 'train', ms: 1234 },
    { step: 'evaluate', ms: 22 },
  ],
  warnings: [],
  hashes: {
    dataset: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    split: '60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752',
  },
  versions: { code: '3d9f965', node: '24.21.0', onnx: '1.23.2' },
  links: [
    { name: 'MLflow', url: 'http://127.0.0.1:5000/#/experiments/1/runs/0f1e2d3c' },
    {
      name: 'Temporal',
      url: 'http://127.0.0.1:8233/namespaces/default/workflows/experiment-2f6c1a',
    },
  ],
  modelUri: 'runs:/0f1e2d3c4b5a69788796a5b4c3d2e1f0/model',
  caller: 'agent',
  loggedAt: '2026-11-22T20:00:00.000Z',
};

interface Trained {
  readonly codes: Int32Array;
  readonly test: Int32Array;
  readonly predictions: Predictions;
  readonly training: {
    readonly model: TrainedModel;
    readonly fit: { readonly iterations: number; readonly converged: boolean };
  };
  readonly profile: DataProfile;
  readonly loss: readonly LossPoint[];
}

function report(
  { labels, rows, facts }: Example,
  { codes, test, predictions, training, profile, loss }: Trained,
): Omit<ReportInput, 'features'> {
  const actual = test.map((row) => codes[row]!);
  const { model, fit } = training;
  return {
    ...{ kind: model.kind, labels, actual, loss, profile, testRows: test },
    ...{ predicted: predictions.codes, probabilities: predictions.probabilities },
    metrics: evaluate(actual, predictions, labels.length).metrics,
    linear: model.linear,
    facts: {
      ...{ ...FACTS, rows, trainRows: rows - test.length, testRows: test.length },
      ...{ iterations: fit.iterations, converged: fit.converged },
      ...facts,
    },
  };
}

function selectRows(values: Float64Array, columns: number, rows: Int32Array) {
  const chosen = new Float64Array(rows.length * columns);
  rows.forEach((row, at) => {
    chosen.set(values.subarray(row * columns, (row + 1) * columns), at * columns);
  });
  return denseMatrix(chosen, rows.length, columns);
}

/** Classes of falling size, each with two rows at least. */
function randomCodes(random: { random(): number }, rows: number, classCount: number): Int32Array {
  return Int32Array.from({ length: rows }, (_, row) =>
    row < 2 * classCount
      ? row % classCount
      : Math.floor(classCount * random.random() ** (classCount > 5 ? 1.6 : 1.1)),
  );
}

function split(codes: Int32Array, classCount: number) {
  return stratifiedSplit({ codes, classCount, testSize: 0.2, seed: 42 });
}

function counts(codes: Int32Array, labels: readonly LabelValue[]): Float64Array {
  const rows = new Float64Array(labels.length);
  for (const code of codes) rows[code]! += 1;
  return rows;
}
