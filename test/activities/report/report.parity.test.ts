import { beforeAll, expect, it } from 'vitest';

import { majorityBaseline, wilsonInterval } from '../../../activities/report/baseline.ts';
import { calibrationBins } from '../../../activities/report/curves/calibration-bins.ts';
import {
  CURVE_POINTS,
  precisionRecallCurve,
  rocCurve,
  type RankingCurve,
} from '../../../activities/report/curves/ranking-curves.ts';
import { RunningMoments } from '../../../activities/report/profile/running-moments.ts';
import { reportData } from '../../../activities/report/report-data.ts';
import {
  classificationReport,
  classificationReportJson,
} from '../../../activities/report/tables/classification-report.ts';
import { scoreClasses } from '../../../learning/metrics/class-scores.ts';
import { confusionMatrix } from '../../../learning/metrics/confusion-matrix.ts';
import { thresholdCounts } from '../../../learning/metrics/threshold-counts.ts';
import { createRandomState } from '../../../learning/random/random-state.ts';
import { seeds } from '../../learning/reference/effort.ts';
import { between } from '../../learning/reference/random-problems.ts';
import { askPython } from './ask-python.ts';
import { distanceToCurve } from './distance-to-curve.ts';
import { tabularExample } from './example-reports.ts';

interface Points {
  readonly x: number[];
  readonly y: number[];
  readonly thresholds: (number | null)[];
}

interface CurveAnswer {
  readonly roc: Points;
  readonly pr: Points;
  readonly calibration: { readonly observed: number[]; readonly predicted: number[] };
}

/** Scores with ties and at the borders of bins, some classes rare, some scores useless. */
function scored(seed: number, rows: number) {
  const random = createRandomState(seed);
  const skill = random.random() * 2;
  const rounding = [10, 20, 1000, 1e15][between(random, 0, 3)]!;
  const rarity = random.random();
  const positive = Array.from({ length: rows }, (_, row) =>
    row < 2 ? row : Number(random.random() < rarity),
  );
  const scores = positive.map((is) => {
    const raw = (random.random() + is * skill * random.random()) / (1 + skill);
    return Math.round(raw * rounding) / rounding;
  });
  return { op: 'curves', positive, scores };
}

function ours({ positive, scores }: ReturnType<typeof scored>) {
  const values = Float64Array.from(scores);
  const isPositive = (row: number): boolean => positive[row] === 1;
  const counts = thresholdCounts(values, isPositive);
  return {
    roc: rocCurve(counts),
    pr: precisionRecallCurve(counts),
    calibration: calibrationBins(values, isPositive),
  };
}

function asPoints({ x, y, thresholds }: RankingCurve): Points {
  return {
    x: [...x],
    y: [...y],
    thresholds: Array.from(thresholds, (at) => (Number.isFinite(at) ? at : null)),
  };
}

const SHORT = seeds(80).map((seed) => scored(seed, 3 + (seed % 280)));
const LONG = seeds(6).map((seed) => scored(seed, 20_000));

const REPORTS = [
  tabularExample({ labels: [0, 1], rows: 400 }),
  tabularExample({ labels: [-10, 2, 30], rows: 150, skill: 0.3 }),
  tabularExample({ labels: ['a', 'a much longer name than usual', 'bb', 'été 日本'], rows: 700 }),
  tabularExample({ labels: Array.from({ length: 30 }, (_, i) => i), rows: 900, skill: 0.2 }),
  eighths(),
];

/** Scores that are eighths, which Python rounds to even. */
function eighths() {
  const example = tabularExample({ labels: ['no', 'yes'], rows: 80 });
  const actual = Int32Array.from({ length: 16 }, (_, row) => Number(row >= 8));
  const predicted = actual.map((code, row) => (row === 0 || row > 12 ? 1 - code : code));
  const probabilities = new Float64Array(32).fill(0.5);
  return { ...example, actual, predicted, probabilities, testRows: actual };
}

const BASELINES = seeds(20).map((seed) => {
  const random = createRandomState(seed);
  const classes = between(random, 2, 6);
  const all = Array.from({ length: 200 }, (_, row) =>
    row < classes ? row : between(random, 0, classes - 1),
  );
  const test = all.filter(() => random.random() < 0.3);
  return { op: 'baseline', all, test, classes, hits: between(random, 0, test.length) };
});

const normal = createRandomState(3);
const TABLE = Array.from({ length: 500 }, () => [
  normal.normal(),
  1e9 + normal.normal(),
  Math.round(normal.random() * 3),
  7,
]);

interface BaselineAnswer {
  readonly accuracy: number;
  readonly f1: number;
  readonly logLoss: number;
  readonly interval: readonly [number, number];
}

let short: readonly CurveAnswer[];
let long: readonly CurveAnswer[];
let reports: readonly { readonly text: string; readonly json: object }[];
let baselines: readonly BaselineAnswer[];
let described: Record<string, number[]>;

/** One Python process for all of them: most of its time is its start. */
beforeAll(() => {
  const asked = REPORTS.map(({ actual, predicted, labels }) => ({
    op: 'report',
    actual: Array.from(actual, (code) => labels[code]!),
    predicted: Array.from(predicted, (code) => labels[code]!),
  }));
  const groups = [SHORT, LONG, asked, BASELINES, [{ op: 'profile', rows: TABLE }]];
  const answers = askPython<never>('report.py', groups.flat());
  let from = 0;
  const [ofShort, ofLong, ofReports, ofBaselines, ofTable] = groups.map(({ length }) =>
    answers.slice(from, (from += length)),
  );
  short = ofShort!;
  long = ofLong!;
  reports = ofReports!;
  baselines = ofBaselines!;
  described = ofTable![0]!;
});

it('draws scikit-learn’s curves bit for bit', () => {
  short.forEach((sklearn, i) => {
    const { roc, pr, calibration } = ours(SHORT[i]!);
    expect(asPoints(roc), `ROC ${i}`).toEqual(sklearn.roc);
    expect(asPoints(pr), `precision-recall ${i}`).toEqual(sklearn.pr);
    const { observed, predicted } = sklearn.calibration;
    expect(calibration.bins.map((bin) => bin.observed)).toEqual(observed);
    expect(calibration.bins.map((bin) => bin.meanPredicted)).toEqual(predicted);
  });
});

it('thins a long curve to points of scikit-learn’s, and passes every other within its word', () => {
  let thinned = 0;
  long.forEach((sklearn, i) => {
    const { roc, pr } = ours(LONG[i]!);
    for (const [curve, full] of [
      [roc, sklearn.roc],
      [pr, sklearn.pr],
    ] as const) {
      expect(curve.x.length).toBeLessThanOrEqual(CURVE_POINTS);
      thinned += Number(curve.x.length < full.x.length);
      const known = new Set(full.x.map((x, at) => `${x} ${full.y[at]} ${full.thresholds[at]}`));
      const { x, y, thresholds } = asPoints(curve);
      const strangers = x.filter((value, at) => !known.has(`${value} ${y[at]} ${thresholds[at]}`));
      expect(strangers).toEqual([]);
      expect([x[0], y[0]]).toEqual([full.x[0], full.y[0]]);
      expect([x.at(-1), y.at(-1)]).toEqual([full.x.at(-1), full.y.at(-1)]);
      const gaps = full.x.map((value, at) => distanceToCurve(curve, value, full.y[at]!));
      expect(Math.max(...gaps)).toBeLessThanOrEqual(2 * curve.tolerance + 1e-12);
    }
  });
  expect(thinned).toBeGreaterThan(5);
});

it('writes the classification report of scikit-learn, blank for blank', () => {
  REPORTS.forEach((input, i) => {
    const data = reportData(input);
    expect(classificationReport(data)).toBe(reports[i]!.text);
    expect(classificationReportJson(data)).toEqual(reports[i]!.json);
  });
});

it('has the baselines of DummyClassifier and the interval of scipy', () => {
  baselines.forEach((sklearn, i) => {
    const { all, test, classes, hits } = BASELINES[i]!;
    const classRows = new Float64Array(classes);
    for (const code of all) classRows[code]! += 1;
    const actual = Int32Array.from(test);
    const matrix = confusionMatrix(actual, new Int32Array(test.length), classes);
    const baseline = majorityBaseline(classRows, scoreClasses(matrix, classes));
    expect(baseline.accuracy).toBeCloseTo(sklearn.accuracy, 12);
    expect(baseline.f1Weighted).toBeCloseTo(sklearn.f1, 12);
    expect(baseline.logLoss).toBeCloseTo(sklearn.logLoss, 12);
    const interval = wilsonInterval(hits, test.length);
    expect(interval[0]).toBeCloseTo(sklearn.interval[0], 12);
    expect(interval[1]).toBeCloseTo(sklearn.interval[1], 12);
  });
});

it('describes columns as pandas does', () => {
  const moments = new RunningMoments(4);
  moments.add(Float64Array.from(TABLE.flat()));
  moments.moments().forEach((column, j) => {
    expect(column.count).toBe(described['count']![j]);
    expect(column.min).toBe(described['min']![j]);
    expect(column.max).toBe(described['max']![j]);
    expect(column.mean / described['mean']![j]!).toBeCloseTo(1, 12);
    expect(Math.abs(column.std - described['std']![j]!)).toBeLessThan(1e-7);
  });
});
