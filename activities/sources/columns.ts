import type { Column, Selection } from '../../schemas/dataset.ts';
import { Failure } from '../../schemas/failure.ts';
import { shownName, shownNames } from './shown-name.ts';
import { likelyMeant } from '../../platform/spelling.ts';

/** Positions of the selected columns in the source. */
export interface SelectedColumns {
  readonly features: readonly number[];
  readonly target: number;
}

/**
 * Finds the target and the features among a source's columns: all columns but the target when no
 * features are named; exactly one for a text task.
 * @throws Failure INVALID_REQUEST, COLUMN_NOT_FOUND, COLUMN_NOT_TEXT, QUERY_FAILED (a selected name
 *   that two columns share) or BYTE_LIMIT (too many columns)
 */
export function selectColumns(
  columns: readonly Column[],
  selection: Selection,
  maxColumns: number,
): SelectedColumns {
  checkRequested(selection);
  if (columns.length > maxColumns) {
    throw new Failure(
      'BYTE_LIMIT',
      `The source has ${columns.length} columns; at most ${maxColumns} are read.`,
      'Give a narrower table.',
    );
  }
  const positions = new Map(columns.map(({ name }, position) => [name, position]));
  const wanted = [...(selection.features ?? []), selection.target];
  const unknown = wanted.filter((name) => !positions.has(name));
  if (unknown.length > 0) throw notFound(unknown, columns);

  const target = positions.get(selection.target) as number;
  const features =
    selection.features?.map((name) => positions.get(name) as number) ??
    columns.map((_, position) => position).filter((position) => position !== target);
  checkUnique(columns, [...features, target]);
  checkCount(selection, features.length);
  return { features, target };
}

function checkRequested({ features, target }: Selection): void {
  if (features === undefined) return;
  if (features.includes(target)) {
    throw new Failure(
      'INVALID_REQUEST',
      `The target ${shownName(target)} is also named as a feature.`,
      'Take it out of features.',
    );
  }
  const twice = features.filter((name, position) => features.indexOf(name) !== position);
  if (twice.length > 0) {
    throw new Failure(
      'INVALID_REQUEST',
      `Features are named twice: ${shownNames(twice)}.`,
      'Name each feature once.',
    );
  }
}

function notFound(unknown: readonly string[], columns: readonly Column[]): Failure {
  const names = columns.map(({ name }) => name);
  const meant = unknown.slice(0, 5).flatMap((name) => likelyMeant(name, names).slice(0, 1));
  const available = lookLikeData(columns)
    ? 'The first line must hold the names of the columns; here it looks like data.'
    : `The columns are ${shownNames(names, 20)}.`;
  return new Failure(
    'COLUMN_NOT_FOUND',
    `The source has no column ${shownNames(unknown)}.`,
    meant.length > 0 ? `Did you mean ${shownNames(meant)}? ${available}` : available,
  );
}

/** A table without a header has its first row in place of names: data, which is nobody's to see. */
export function lookLikeData(columns: readonly Column[]): boolean {
  return columns.some(({ name }) => /^[\s\d.,+-]+$/.test(name) && /\d/.test(name));
}

function checkUnique(columns: readonly Column[], positions: readonly number[]): void {
  const counts = new Map<string, number>();
  for (const { name } of columns) counts.set(name, (counts.get(name) ?? 0) + 1);
  const shared = positions
    .map((position) => (columns[position] as Column).name)
    .filter((name) => (counts.get(name) as number) > 1);
  if (shared.length > 0) {
    throw new Failure(
      'QUERY_FAILED',
      `Several columns of the source have the name ${shownNames([...new Set(shared)])}.`,
      'Give each column a name of its own (in SQL with AS).',
    );
  }
}

function checkCount({ task, features }: Selection, count: number): void {
  if (task === 'text' && count !== 1) {
    throw new Failure(
      'COLUMN_NOT_TEXT',
      features === undefined
        ? `A text model reads one text column, and the source has ${count} besides the target.`
        : `A text model reads exactly one feature column, not ${count}.`,
      'Name the text column in features.',
    );
  }
  if (count === 0) {
    throw new Failure(
      'COLUMN_NOT_FOUND',
      'The source has no column besides the target.',
      'Give a source with at least one feature column.',
    );
  }
}
