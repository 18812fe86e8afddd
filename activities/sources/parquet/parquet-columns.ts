import type { DuckDBConnection } from '@duckdb/node-api';

import type { Column, LabelType, Selection } from '../../../schemas/dataset.ts';
import type { SelectedColumns } from '../columns.ts';
import { unusableTarget, wrongType } from '../declared-types.ts';
import { parquetFailure, SOURCE_NAME } from './duckdb-session.ts';

/** The file as a table, whatever its folder is called. */
export const PARQUET_TABLE = `read_parquet('${SOURCE_NAME}', hive_partitioning=false, binary_as_string=true)`;

const INTEGER = /^U?(?:TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/;
const FRACTION = /^(?:FLOAT|DOUBLE|DECIMAL\(.*\))$/;
const NUMERIC = new RegExp(`${INTEGER.source}|${FRACTION.source}|^BOOLEAN$`);
const TEXT = /^(?:VARCHAR|ENUM\(.*\))$/s;
/** Types whose values, as text, are labels like any other. */
const TEXT_LABEL = /^(?:DATE|TIME|TIMESTAMP|UUID)/;

/** Column names and types, from the file's footer. @throws Failure FILE_UNREADABLE */
export async function parquetColumns(connection: DuckDBConnection): Promise<Column[]> {
  try {
    const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${PARQUET_TABLE}`);
    return described.getRows().map(([name, type]) => ({ name: String(name), type: String(type) }));
  } catch (error) {
    throw parquetFailure(error);
  }
}

/**
 * Checks the declared types of the selected columns.
 * @returns the type of the labels
 * @throws Failure COLUMN_NOT_NUMERIC, COLUMN_NOT_TEXT or MIXED_LABELS (a nested target)
 */
export function checkParquetTypes(
  columns: readonly Column[],
  { features, target }: SelectedColumns,
  task: Selection['task'],
): LabelType {
  const selected = features.map((position) => columns[position] as Column);
  const wrong = selected.filter(({ type }) => !(task === 'text' ? TEXT : NUMERIC).test(type));
  if (wrong.length > 0) throw wrongType(wrong, task);
  const column = columns[target] as Column;
  const { type } = column;
  if (INTEGER.test(type)) return 'int';
  if (FRACTION.test(type)) return 'float';
  if (type === 'BOOLEAN') return 'bool';
  if (TEXT.test(type) || TEXT_LABEL.test(type)) return 'string';
  throw unusableTarget(column);
}
