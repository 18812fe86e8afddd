import type { Failure } from '../../../schemas/failure.ts';
import { unlistedTable } from './query-failures.ts';

/** A table as a query names it. */
export interface NamedTable {
  readonly schema: string | undefined;
  readonly name: string;
}

/** The tables that queries on a connection may name: its `tables` in CONNECTIONS_FILE. */
export interface AllowedTables {
  /** Where a table lies that is named without a schema. */
  readonly standardSchema: string;
  /** True when the list has this table of this schema. */
  has(schema: string, name: string): boolean;
  /** True when the list has a table of this name in any schema. */
  hasName(name: string): boolean;
  /** The failure for a table that it does not have. */
  refusal(table: NamedTable): Failure;
}

/**
 * @param entries `schema.table`, or `table` of the standard schema
 * @param standardSchema where a table without a schema lies: PostgreSQL’s `public`, MySQL’s database
 */
export function allowedTables(entries: readonly string[], standardSchema: string): AllowedTables {
  const pairs = entries.map((entry): NamedTable & { schema: string } => {
    const dot = entry.indexOf('.');
    if (dot === -1) return { schema: standardSchema, name: entry };
    return { schema: entry.slice(0, dot), name: entry.slice(dot + 1) };
  });
  return {
    standardSchema,
    has: (schema, name) => pairs.some((pair) => pair.schema === schema && pair.name === name),
    hasName: (name) => pairs.some((pair) => pair.name === name),
    refusal: ({ schema, name }) =>
      unlistedTable(schema === undefined ? name : `${schema}.${name}`, entries),
  };
}
