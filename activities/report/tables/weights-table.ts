import { stringify } from 'csv-stringify/sync';

import type { ReportInput } from '../report-input.ts';
import { topWeights, type ClassWeights, type WeightChoice } from '../top-weights.ts';

const ROWS = 5000;
const PER_CLASS = 100;
const FEWEST = 5;

/** [features] standard deviations of a tabular dataset's columns; nothing for texts. */
export function featureSpread({ profile }: ReportInput): Pick<WeightChoice, 'spread'> {
  return profile.features ? { spread: profile.features.map(({ std }) => finite(std)) } : {};
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}

/** The classes that have weights of their own. */
export function weightedClasses({ classCount }: ReportInput['linear']): number[] {
  return classCount === 2 ? [1] : Array.from({ length: classCount }, (_, code) => code);
}

/**
 * The terms of a text model that speak most for a class: of two classes those for the second, then
 * those for the first.
 */
export function topTerms(
  input: Pick<ReportInput, 'linear'>,
  codes: readonly number[],
  limit: number,
): readonly ClassWeights[] {
  const { linear } = input;
  if (linear.classCount > 2) return topWeights(linear, codes, { limit, by: 'largest' });
  const each = Math.min(Math.ceil(limit / 2), Math.floor(linear.featureCount / 2));
  const down = topWeights(linear, codes, { limit: each, by: 'smallest' });
  return topWeights(linear, codes, { limit: each, by: 'largest' }).map((up, i) => ({
    ...up,
    weights: [...up.weights, ...down[i]!.weights],
  }));
}

/**
 * The strongest weights of each class, at most 5000 rows; rank 0 is the intercept. A positive
 * coefficient speaks for the class. For columns, `effect` is the coefficient times the standard
 * deviation, by which they are ranked.
 */
export function weightsCsv(input: ReportInput): string {
  const { linear, labels, features } = input;
  const codes = weightedClasses(linear);
  const limit = Math.max(FEWEST, Math.min(PER_CLASS, Math.floor(ROWS / codes.length)));
  const { spread } = featureSpread(input);
  const classes =
    spread === undefined
      ? topTerms(input, codes, limit)
      : topWeights(linear, codes, { spread, limit, by: 'size' });
  const rows = classes.flatMap(({ code, intercept, weights }) => {
    const label = String(labels[code]);
    return [
      [label, 0, '(intercept)', intercept],
      ...weights.map(({ feature, coefficient, effect }, i) => [
        ...[label, i + 1, features[feature] ?? '', coefficient],
        ...(spread ? [spread[feature], effect] : []),
      ]),
    ];
  });
  const columns = ['class', 'rank', 'feature', 'coefficient'];
  const scale = spread ? ['standard_deviation', 'effect'] : [];
  return stringify([[...columns, ...scale], ...rows.map(padded(columns.length + scale.length))]);
}

function padded(width: number) {
  return <Cell>(cells: readonly Cell[]): (Cell | '')[] => [
    ...cells,
    ...Array.from({ length: width - cells.length }, () => '' as const),
  ];
}
