import { describe, expect, it } from 'vitest';

import { curveClasses, largestClasses } from '../../../activities/report/class-choice.ts';
import { reportData } from '../../../activities/report/report-data.ts';
import { confusionCsv, perClassCsv } from '../../../activities/report/tables/class-tables.ts';
import { foldMatrix } from '../../../activities/report/tables/folded-matrix.ts';
import { predictionSample } from '../../../activities/report/tables/prediction-sample.ts';
import { weightsCsv } from '../../../activities/report/tables/weights-table.ts';
import { topWeights } from '../../../activities/report/top-weights.ts';
import { createRandomState } from '../../../learning/random/random-state.ts';
import { tabularExample, textExample } from './example-reports.ts';

function cells(csv: string): string[][] {
  return csv
    .trim()
    .split('\n')
    .map((line) => line.split(','));
}

describe('the choice of classes', () => {
  it('takes the largest, the first of equals, and none without rows', () => {
    expect(largestClasses([3, 0, 9, 3, 5], 3)).toEqual([2, 4, 0]);
  });

  it('draws the second of two, all of a few, the largest of many', () => {
    expect(curveClasses([5, 2])).toEqual([1]);
    expect(curveClasses([5, 0])).toEqual([]);
    expect(curveClasses([1, 4, 2])).toEqual([0, 1, 2]);
    expect(curveClasses(Array.from({ length: 20 }, (_, i) => i))).toEqual([
      ...[19, 18, 17, 16, 15, 14, 13, 12],
    ]);
  });
});

describe('the confusion matrix', () => {
  it('folded, has the sums of the whole', () => {
    const random = createRandomState(1);
    const whole = Int32Array.from({ length: 100 }, () => random.interval(9));
    const { codes, others, size, cells: folded } = foldMatrix(whole, 10, 4);
    expect([codes.length, others, size]).toEqual([4, 6, 5]);
    const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);
    expect(sum(folded)).toBe(sum(whole));
    const [first, second] = codes as [number, number];
    expect(folded[1]).toBe(whole[first * 10 + second]);
    const rowOfFirst = sum(folded.subarray(0, size));
    expect(rowOfFirst).toBe(sum(whole.subarray(first * 10, first * 10 + 10)));
  });

  it('is a table of true by predicted labels', () => {
    const data = reportData(tabularExample({ labels: ['no', 'yes'], rows: 400 }));
    const [head, no, yes] = cells(confusionCsv(data));
    expect(head).toEqual(['actual \\ predicted', 'no', 'yes']);
    expect(no).toEqual(['no', String(data.confusion[0]), String(data.confusion[1])]);
    expect(yes).toEqual(['yes', String(data.confusion[2]), String(data.confusion[3])]);
  });
});

it('gives a class that never occurs a row without scores', () => {
  const example = tabularExample({ labels: [0, 1, 2], rows: 300 });
  const without = {
    ...example,
    actual: example.actual.map((code) => Math.min(code, 1)),
    predicted: example.predicted.map((code) => Math.min(code, 1)),
  };
  const rows = cells(perClassCsv(reportData(without)));
  expect(rows).toHaveLength(4);
  expect(rows[3]).toEqual(['2', '0', '0', '0', '', '', '']);
});

describe('weights', () => {
  const linear = {
    ...{ classCount: 2, featureCount: 5, intercepts: Float64Array.of(0.5) },
    coefficients: Float64Array.of(1, -4, 2, 0, -0.5),
  };

  it('are ranked by size, or from one side, after the spread of their features', () => {
    const choose = (by: 'size' | 'largest' | 'smallest', spread?: number[]) =>
      topWeights(linear, [1], { by, limit: 3, ...(spread && { spread }) })[0]!.weights.map(
        ({ feature }) => feature,
      );
    expect(choose('size')).toEqual([1, 2, 0]);
    expect(choose('largest')).toEqual([2, 0, 3]);
    expect(choose('smallest')).toEqual([1, 4, 3]);
    expect(choose('size', [1, 0, 1, 1, 100])).toEqual([4, 2, 0]);
  });

  it('agree with a full sort', () => {
    const random = createRandomState(9);
    const many = {
      ...{ classCount: 2, featureCount: 2000, intercepts: Float64Array.of(0) },
      coefficients: Float64Array.from({ length: 2000 }, () => Math.round(random.normal() * 50)),
    };
    const sorted = Array.from(many.coefficients, (value, feature) => ({ value, feature })).sort(
      (a, b) => Math.abs(b.value) - Math.abs(a.value) || a.feature - b.feature,
    );
    const [top] = topWeights(many, [1], { limit: 40, by: 'size' });
    expect(top!.weights.map(({ feature }) => feature)).toEqual(
      sorted.slice(0, 40).map(({ feature }) => feature),
    );
  });

  it('are listed with the intercept, and the effect of columns', () => {
    const input = tabularExample({ labels: ['no', 'yes'], rows: 400 });
    const [head, intercept, first] = cells(weightsCsv(input));
    expect(head).toEqual([
      ...['class', 'rank', 'feature', 'coefficient', 'standard_deviation', 'effect'],
    ]);
    expect(intercept!.slice(0, 4)).toEqual([
      ...['yes', '0', '(intercept)', String(input.linear.intercepts[0])],
    ]);
    const feature = input.features.indexOf(first![2]!);
    expect(Number(first![3])).toBe(input.linear.coefficients[feature]);
    expect(Number(first![5])).toBe(Number(first![3]) * input.profile.features![feature]!.std);
  });

  it('of a text model name the terms of both classes', () => {
    const terms = cells(weightsCsv(textExample({ labels: ['sport', 'politics'], rows: 600 })));
    const [above, below] = [
      terms.filter((row) => Number(row[3]) > 0),
      terms.filter((row) => Number(row[3]) < 0),
    ];
    expect(above.map((row) => row[2])).toContain('senate');
    expect(below.map((row) => row[2])).toContain('striker');
  });
});

it('samples the first rows, then the surest mistakes, with the rows they are', () => {
  const input = tabularExample({ labels: ['a', 'b', 'c'], rows: 900, skill: 0.4 });
  const [head, ...rows] = cells(predictionSample(reportData(input)));
  expect(head).toEqual([
    ...['sample', 'row', 'y_true', 'y_pred', 'probability', 'probability_of_true', 'correct'],
  ]);
  const first = rows.filter(([sample]) => sample === 'first');
  expect(first).toHaveLength(20);
  first.forEach(([, row, truth, guess, , , correct], at) => {
    expect(row).toBe(String(input.testRows[at]));
    expect(truth).toBe(input.labels[input.actual[at]!]);
    expect(guess).toBe(input.labels[input.predicted[at]!]);
    expect(correct).toBe(String(truth === guess));
  });
  const mistakes = rows.filter(([sample]) => sample === 'surest_mistake');
  const sureness = mistakes.map((row) => Number(row[4]));
  const all = Array.from(input.predicted, (guess, row) =>
    guess === input.actual[row] ? 0 : input.probabilities[row * 3 + guess]!,
  );
  expect(sureness).toEqual(all.sort((a, b) => b - a).slice(0, 20));
});
