import type { Column, Selection } from '../../schemas/dataset.ts';
import type { InspectedColumn, Inspection } from '../../schemas/inspection.ts';
import type { StoredSource } from '../../schemas/source.ts';
import { brief, quoted } from '../report/text/shown-text.ts';
import { lookLikeData } from '../sources/columns.ts';
import { sourceDisplay } from '../sources/source-display.ts';
import type { Looked } from './look-into.ts';

const MOST_COLUMNS = 50;
const MOST_PROBLEMS = 10;

export interface InspectedSource {
  readonly source: StoredSource;
  /** Empty when it could not be opened. */
  readonly columns: readonly Column[];
  /** What a run would learn from what. */
  readonly wanted: Selection;
  readonly looked: Looked;
}

/** What was found out, as the caller is told it: of the data nothing but counts and labels, and everything bounded. */
export function inspectionOf({ source, columns, wanted, looked }: InspectedSource): Inspection {
  const { problems, warnings, rows, rowsRead, balance, split } = looked;
  const ok = problems.length === 0;
  const used = namesOf(wanted, columns);
  const relevant = ok ? columns.filter(({ name }) => used.has(name)) : columns;
  const nameless =
    lookLikeData(columns) && problems.some(({ code }) => code === 'COLUMN_NOT_FOUND');
  return {
    ok,
    source: brief(sourceDisplay(source)),
    would_run: ok ? planInWords(wanted, used.size - 1, looked) : null,
    rows,
    rows_read: rowsRead,
    column_count: relevant.length,
    columns: nameless ? [] : inspectedColumns(relevant, looked).slice(0, MOST_COLUMNS),
    class_count: balance?.classCount ?? null,
    classes: (balance?.classes ?? []).map(({ label, rows: count }) => ({
      label: typeof label === 'string' ? brief(label) : label,
      rows: count,
    })),
    split: ok ? split : null,
    problems: problems.slice(0, MOST_PROBLEMS),
    warnings: [...warnings],
  };
}

/** The target, then those with faults, then the others in the source's order. */
function inspectedColumns(
  columns: readonly Column[],
  { selection, faults, rowsRead }: Looked,
): InspectedColumn[] {
  const read = selection && rowsRead !== 'none' ? namesOf(selection, columns) : new Set<string>();
  const faulty = new Set(faults.map(({ column }) => column));
  const missing = new Map(
    faults.filter(({ fault }) => fault === 'missing').map(({ column, rows }) => [column, rows]),
  );
  const rank = (name: string): number =>
    name === selection?.target ? 0 : faulty.has(name) ? 1 : 2;
  return columns
    .toSorted((a, b) => rank(a.name) - rank(b.name))
    .map(({ name, type }) => ({
      ...{ name: brief(name), type: brief(type) },
      ...(read.has(name) && { missing: missing.get(name) ?? 0 }),
    }));
}

/** The selected columns that the source has. */
function namesOf({ features, target }: Selection, columns: readonly Column[]): ReadonlySet<string> {
  return new Set([...(features ?? columns.map(({ name }) => name)), target]);
}

function planInWords({ task, features }: Selection, count: number, looked: Looked): string {
  const { split, balance, rows, rowsRead } = looked;
  const model =
    task === 'text'
      ? `TF-IDF and logistic regression on the texts in ${quoted(features?.[0] ?? 'the other column')}`
      : `Logistic regression on ${count} numeric ${count === 1 ? 'column' : 'columns'}`;
  if (!split) return rowsRead === 'some' ? `${model}, of at least ${rows} rows.` : `${model}.`;
  const { train_rows: train, test_rows: test } = split;
  return `${model}, ${train} training rows, ${test} test rows, ${balance?.classCount} classes.`;
}
