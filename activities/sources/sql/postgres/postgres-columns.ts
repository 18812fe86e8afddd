import type { Client } from 'pg';

import type { Column, Selection } from '../../../../schemas/dataset.ts';
import type { RawLabels } from '../../class-labels.ts';
import type { SelectedColumns } from '../../columns.ts';
import { unusableTarget, wrongType } from '../../declared-types.ts';
import { typedLabels } from '../../label-texts.ts';
import type { PostgresField } from './protocol-queries.ts';

/** A column with what its type means to us. */
export interface PostgresColumn extends Column {
  readonly kind: 'integer' | 'number' | 'decimal' | 'boolean' | 'text' | 'moment' | 'other';
}

/** Object ids of PostgreSQL's own numeric types; they never change. */
const KINDS = new Map<number, PostgresColumn['kind']>([
  [16, 'boolean'],
  [20, 'integer'],
  [21, 'integer'],
  [23, 'integer'],
  [700, 'number'],
  [701, 'number'],
  [1700, 'decimal'],
]);
/** pg_type.typcategory: S string, E enum, D date or time, U includes uuid. */
const CATEGORIES = new Map<string, PostgresColumn['kind']>([
  ['S', 'text'],
  ['E', 'text'],
  ['D', 'moment'],
]);
const UUID = 2950;

/** Names the types of described columns, types of the users' own included. */
export async function postgresColumns(
  client: Client,
  fields: readonly PostgresField[],
): Promise<PostgresColumn[]> {
  const { rows } = await client.query<{ oid: number; name: string; category: string }>({
    text: `SELECT oid, pg_catalog.format_type(oid, NULL) AS name, typcategory AS category
           FROM pg_catalog.pg_type WHERE oid = ANY ($1::oid[])`,
    values: [[...new Set(fields.map(({ dataTypeID }) => dataTypeID))]],
  });
  const types = new Map(rows.map((row) => [row.oid, row]));
  return fields.map(({ name, dataTypeID }) => {
    const type = types.get(dataTypeID);
    const kind =
      KINDS.get(dataTypeID) ??
      (dataTypeID === UUID ? 'text' : (CATEGORIES.get(type?.category ?? '') ?? 'other'));
    return { name, type: type?.name ?? 'unknown', kind };
  });
}

/**
 * Checks the types of the selected columns.
 * @throws Failure COLUMN_NOT_NUMERIC, COLUMN_NOT_TEXT or MIXED_LABELS
 */
export function checkPostgresTypes(
  columns: readonly PostgresColumn[],
  { features, target }: SelectedColumns,
  task: Selection['task'],
): void {
  const wrong = features
    .map((position) => columns[position] as PostgresColumn)
    .filter(({ kind }) =>
      task === 'text' ? kind !== 'text' : kind === 'text' || kind === 'moment' || kind === 'other',
    );
  if (wrong.length > 0) throw wrongType(wrong, task);
  const column = columns[target] as PostgresColumn;
  if (column.kind === 'other') throw unusableTarget(column);
}

/** Labels that PostgreSQL has cast to text, in the type that their column has. */
export function readPostgresLabels(
  kind: PostgresColumn['kind'],
  texts: readonly string[],
): RawLabels {
  switch (kind) {
    case 'integer':
      return typedLabels(texts, 'int');
    case 'number':
      return typedLabels(texts, 'float');
    case 'decimal':
      return typedLabels(texts, texts.every((text) => /^-?\d+$/.test(text)) ? 'int' : 'float');
    case 'boolean':
      return typedLabels(texts, 'bool');
    case 'text':
    case 'moment':
    case 'other':
      return typedLabels(texts, 'string');
  }
}
