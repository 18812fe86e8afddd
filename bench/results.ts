import type { Comparison } from './side-by-side.ts';

/** A measured line of the table, ready to be printed. `what` names it: a new measurement replaces the old one. */
export interface Row {
  readonly what: string;
  readonly rounds: number;
  readonly ours: string;
  readonly other: string;
  readonly ratio: string;
  readonly bar: string;
  readonly met: 'yes' | 'no' | '';
}

/** A row as it is kept, with when and where it was measured. */
export interface KeptRow extends Row {
  readonly date: string;
  readonly machine: string;
}

/** A table of RESULTS.md, between two markers that bear the name of the command that fills it. */
export interface Section<Name extends string> {
  readonly command: string;
  /** One of them is `what`, by which a row is known. */
  readonly columns: readonly Name[];
}

const MEASURED = ['what', 'rounds', 'ours', 'other', 'ratio', 'bar', 'met'] as const;

export const BENCH = {
  command: 'npm run bench',
  columns: ['date', 'machine', ...MEASURED],
} as const satisfies Section<keyof KeptRow>;

/** Rounds of each way to break things, and how many of them came out right. */
export const PROVE = {
  command: 'npm run prove',
  columns: ['date', 'machine', 'what', 'rounds', 'right', 'seconds', 'remarks'],
} as const satisfies Section<string>;

/** The markers around a section. */
export function markersOf({ command }: Pick<Section<string>, 'command'>): [string, string] {
  return [`<!-- ${command}: begin -->`, `<!-- ${command}: end -->`];
}

/** `0.280 s (0.232 to 0.349)`: the median and the range of some seconds. */
export function inSeconds({ median, least, most }: Comparison['ours']): string {
  const [middle, from, to] = [median, least, most].map((value) => value.toFixed(3));
  return least === most ? `${middle} s` : `${middle} s (${from} to ${to})`;
}

/** A row of two times: the ratio of the medians, and whether it keeps to `bar`, if there is one. */
export function timeRow(what: string, { rounds, ours, other }: Comparison, bar?: number): Row {
  const ratio = ours.median / other.median;
  return {
    ...{ what, rounds, ours: inSeconds(ours), other: inSeconds(other) },
    ...judged(ratio, bar),
  };
}

/** The last three cells of a row: a ratio against the most that it may be. */
export function judged(ratio: number, bar?: number): Pick<Row, 'ratio' | 'bar' | 'met'> {
  return {
    ratio: `${ratio.toPrecision(3)}x`,
    bar: bar === undefined ? '' : `${bar}x`,
    met: bar === undefined ? '' : ratio <= bar ? 'yes' : 'no',
  };
}

/** The rows as a Markdown table, for the terminal. */
export function measuredTable(rows: readonly Row[]): string {
  return table(MEASURED, rows);
}

/** A row, by the names of its columns. */
export type Cells<Name extends string> = Readonly<Record<Name, string | number>>;

/**
 * A document with `rows` in the table of a section: a row with the name of one that is there takes its
 * place, others come after it.
 * @throws Error when the document has no markers for it
 */
export function withRows<Name extends string>(
  document: string,
  section: Section<Name>,
  rows: readonly Cells<Name>[],
): string {
  const [begin, end] = markersOf(section);
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error('The results have no markers around their table.');
  const there = readTable(section, document.slice(from + begin.length, to));
  const kept = new Map([...there, ...rows].map((row) => [row['what' as Name], row]));
  const rendered = table(section.columns, [...kept.values()]);
  return `${document.slice(0, from)}${begin}\n\n${rendered}\n\n${document.slice(to)}`;
}

function readTable<Name extends string>({ columns }: Section<Name>, text: string): Cells<Name>[] {
  const lines = text.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) => {
    const cells = line.split('|').slice(1, -1);
    if (cells.length !== columns.length) throw new Error(`Not a row of results: ${line}`);
    const entries = columns.map((name, i) => [name, (cells[i] ?? '').trim()]);
    return Object.fromEntries(entries) as Cells<Name>;
  });
}

function table<Name extends string>(
  columns: readonly Name[],
  rows: readonly Readonly<Record<Name, string | number>>[],
): string {
  const lines = [
    columns,
    columns.map(() => '---'),
    ...rows.map((row) => columns.map((name) => cellText(row[name]))),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function cellText(value: string | number): string {
  const text = String(value);
  if (/[|\n]/.test(text)) throw new Error(`A cell may hold no bar and no line break: ${text}`);
  return text;
}
