import type { Column, Selection } from '../../schemas/dataset.ts';
import { Failure } from '../../schemas/failure.ts';
import { shownName } from './shown-name.ts';

const MOST_COLUMNS = 5;

/** The failure for features whose declared type can't be learnt from. */
export function wrongType(columns: readonly Column[], task: Selection['task']): Failure {
  const list = columns
    .slice(0, MOST_COLUMNS)
    .map(({ name, type }) => `${shownName(name)} (${shownType(type)})`)
    .join(', ');
  const more = columns.length > MOST_COLUMNS ? ` and ${columns.length - MOST_COLUMNS} more` : '';
  return task === 'text'
    ? new Failure(
        'COLUMN_NOT_TEXT',
        `A text model reads a text column, not ${list}.`,
        'Name the text column in features.',
      )
    : new Failure(
        'COLUMN_NOT_NUMERIC',
        `These feature columns are not numeric: ${list}${more}.`,
        'Name only numeric columns in features, or turn the others into numbers.',
      );
}

/** The failure for a target whose declared type holds no labels. */
export function unusableTarget({ name, type }: Column): Failure {
  return new Failure(
    'MIXED_LABELS',
    `The target ${shownName(name)} is of type ${shownType(type)}, whose values are not class labels.`,
    'Name a target of numbers, booleans or texts.',
  );
}

function shownType(type: string): string {
  return type.length > 40 ? `${type.slice(0, 40)}…` : type;
}
