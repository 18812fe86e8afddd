import { createRandomState } from '../../../learning/random/random-state.ts';
import type { RandomState } from '../../../learning/random/random-state.ts';

export interface TabularProblem {
  readonly rows: readonly (readonly number[])[];
  readonly codes: readonly number[];
  readonly classCount: number;
}

/** A whole number from `low` to `high`. */
export function between(random: RandomState, low: number, high: number): number {
  return low + random.interval(high - low);
}

/** Every code at least twice, the rest by geometric shares, so that classes are uneven. */
export function unevenCodes(random: RandomState, rows: number, classCount: number): number[] {
  const share = 0.4 + random.random() / 2;
  const codes = Array.from({ length: rows }, (_, i) => {
    if (i < 2 * classCount) return i % classCount;
    let code = 0;
    while (code < classCount - 1 && random.random() > share) code += 1;
    return code;
  });
  const shuffled = Int32Array.from(codes);
  random.shuffle(shuffled);
  return [...shuffled];
}

type ColumnKind = 'plain' | 'constant' | 'collinear' | 'scaled' | 'whole' | 'binary';
const KINDS: readonly ColumnKind[] = [
  'plain',
  'plain',
  'plain',
  'constant',
  'collinear',
  'scaled',
  'whole',
  'binary',
];

/**
 * Columns that carry some signal about the class: plain, constant, equal to another up to a
 * factor, scaled by 1e-8 to 1e8, or with many ties. At times there are more columns than rows.
 */
export function tabularProblem(seed: number): TabularProblem {
  const random = createRandomState(seed);
  const classCount = between(random, 2, 6);
  const rowCount = between(random, 5 * classCount, 250);
  const columnCount = random.random() < 0.1 ? rowCount + 5 : between(random, 1, 15);
  const codes = unevenCodes(random, rowCount, classCount);
  const columns: number[][] = [];
  for (let j = 0; j < columnCount; j++) columns.push(column(random, codes, columns));
  return { rows: codes.map((_, i) => columns.map((values) => values[i]!)), codes, classCount };
}

/**
 * Like tabularProblem, and harder: up to 20 classes or 2000 rows, a column that is the difference
 * of two others, and at times equal rows of several classes.
 */
export function hardProblem(seed: number): TabularProblem {
  const random = createRandomState(seed);
  const classCount = random.random() < 0.3 ? between(random, 7, 20) : between(random, 2, 6);
  const rowCount = between(random, 5 * classCount, random.random() < 0.1 ? 2000 : 250);
  const codes = unevenCodes(random, rowCount, classCount);
  const columns: number[][] = [];
  for (let j = between(random, 1, 15); j > 0; j--) columns.push(column(random, codes, columns));
  const [first, last] = [columns[0]!, columns.at(-1)!];
  columns.push(first.map((value, i) => value - last[i]!));
  const rows = codes.map((_, i) => columns.map((values) => values[i]!));
  if (random.random() < 0.3) {
    for (let i = 0; i < rowCount; i += 3) rows[i] = rows[between(random, 0, rowCount - 1)]!;
  }
  return { rows, codes, classCount };
}

function column(
  random: RandomState,
  codes: readonly number[],
  earlier: readonly (readonly number[])[],
): number[] {
  const signal = random.normal();
  const plain = codes.map((code) => random.normal() + signal * code);
  switch (KINDS[between(random, 0, KINDS.length - 1)]!) {
    case 'plain':
      return plain;
    case 'constant':
      return codes.map(() => signal);
    case 'collinear':
      return (earlier.at(-1) ?? plain).map((value) => 2 * value);
    case 'scaled': {
      const scale = 10 ** between(random, -8, 8);
      return plain.map((value) => value * scale);
    }
    case 'whole':
      return plain.map(Math.round);
    case 'binary':
      return plain.map((value) => (value > 0 ? 1 : 0));
  }
}

/** Centres columns and divides them by their standard deviation; constant ones become zero. */
export function standardise(rows: readonly (readonly number[])[]): number[][] {
  const columns = rows[0]!.map((_, j) => {
    const values = rows.map((row) => row[j]!);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    const deviation = Math.sqrt(square);
    return values.map((value) =>
      deviation > 1e-12 * Math.abs(mean) ? (value - mean) / deviation : 0,
    );
  });
  return rows.map((_, i) => columns.map((values) => values[i]!));
}
