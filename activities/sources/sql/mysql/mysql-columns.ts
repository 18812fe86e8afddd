import type { FieldPacket } from 'mysql2';

import type { Column, LabelType, Selection } from '../../../../schemas/dataset.ts';
import type { SelectedColumns } from '../../columns.ts';
import { unusableTarget, wrongType } from '../../declared-types.ts';

/** A column with what its type means to us. */
export interface MysqlColumn extends Column {
  readonly kind: 'integer' | 'number' | 'decimal' | 'text' | 'moment' | 'other';
}

const BINARY = 63;
/** MySQL's protocol numbers for column types. */
const TYPES = new Map<number, { name: string; kind: MysqlColumn['kind'] }>([
  [0, { name: 'decimal', kind: 'decimal' }],
  [1, { name: 'tinyint', kind: 'integer' }],
  [2, { name: 'smallint', kind: 'integer' }],
  [3, { name: 'int', kind: 'integer' }],
  [4, { name: 'float', kind: 'number' }],
  [5, { name: 'double', kind: 'number' }],
  [7, { name: 'timestamp', kind: 'moment' }],
  [8, { name: 'bigint', kind: 'integer' }],
  [9, { name: 'mediumint', kind: 'integer' }],
  [10, { name: 'date', kind: 'moment' }],
  [11, { name: 'time', kind: 'moment' }],
  [12, { name: 'datetime', kind: 'moment' }],
  [13, { name: 'year', kind: 'integer' }],
  [15, { name: 'varchar', kind: 'text' }],
  [246, { name: 'decimal', kind: 'decimal' }],
  [247, { name: 'enum', kind: 'text' }],
  [249, { name: 'text', kind: 'text' }],
  [250, { name: 'text', kind: 'text' }],
  [251, { name: 'text', kind: 'text' }],
  [252, { name: 'text', kind: 'text' }],
  [253, { name: 'varchar', kind: 'text' }],
  [254, { name: 'char', kind: 'text' }],
]);

/** The columns of a result as the server describes them. */
export function mysqlColumns(fields: readonly FieldPacket[]): MysqlColumn[] {
  return fields.map((field) => {
    const { name, characterSet } = field as FieldPacket & { characterSet?: number };
    const type = TYPES.get(field.columnType ?? field.type ?? -1);
    if (!type) return { name, type: 'other', kind: 'other' };
    if (type.kind === 'text' && characterSet === BINARY)
      return { name, type: 'binary', kind: 'other' };
    return { name, type: type.name, kind: type.kind };
  });
}

/**
 * Checks the types of the selected columns.
 * @returns the type of the labels, or undefined where their values decide (decimals)
 * @throws Failure COLUMN_NOT_NUMERIC, COLUMN_NOT_TEXT or MIXED_LABELS
 */
export function checkMysqlTypes(
  columns: readonly MysqlColumn[],
  { features, target }: SelectedColumns,
  task: Selection['task'],
): LabelType | undefined {
  const numeric = (kind: MysqlColumn['kind']): boolean =>
    kind === 'integer' || kind === 'number' || kind === 'decimal';
  const wrong = features
    .map((position) => columns[position] as MysqlColumn)
    .filter(({ kind }) => (task === 'text' ? kind !== 'text' : !numeric(kind)));
  if (wrong.length > 0) throw wrongType(wrong, task);
  const column = columns[target] as MysqlColumn;
  switch (column.kind) {
    case 'integer':
      return 'int';
    case 'number':
      return 'float';
    case 'decimal':
      return undefined;
    case 'text':
    case 'moment':
      return 'string';
    case 'other':
      throw unusableTarget(column);
  }
}
