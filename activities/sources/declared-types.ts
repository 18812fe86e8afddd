import type { Column, Selection } from '../../schemas/dataset.ts';
import { Failure } from '../../schemas/failure.ts';
import { shownName } from './shown-name.ts';
import { SourceRefused, type FailureWords } from './source-refused.ts';

const MOST_COLUMNS = 5;

/** The failure for features whose declared type can't be learnt from. */
export function wrongType(columns: readonly Column[], task: Selection['task']): SourceRefused {
  const list = columns
    .slice(0, MOST_COLUMNS)
    .map(({ name, type }) => `${shownName(name)} (${shownType(type)})`)
    .join(', ');
  const more = columns.length > MOST_COLUMNS ? ` and ${columns.length - MOST_COLUMNS} more` : '';
  const words: FailureWords =
    task === 'text'
      ? {
          code: 'COLUMN_NOT_TEXT',
          message: `A text model reads a text column, not ${list}.`,
          hint: 'Name the text column in features.',
        }
      : {
          code: 'COLUMN_NOT_NUMERIC',
          message: `These feature columns are not numeric: ${list}${more}.`,
          hint: 'Name only numeric columns in features, or turn the others into numbers.',
        };
  return new SourceRefused(words, { wrongFeatures: columns.map(({ name }) => name) });
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
