import type { Client } from 'pg';

import type { AllowedTables, NamedTable } from '../allowed-tables.ts';

/** Refuses what is on no account an allowed table, before anything is connected to. @throws Failure */
export function checkTableNames(read: readonly NamedTable[], allowed: AllowedTables): void {
  for (const table of read) {
    const { schema, name } = table;
    const maybe = schema === undefined ? allowed.hasName(name) : allowed.has(schema, name);
    if (!maybe) throw allowed.refusal(table);
  }
}

/**
 * Asks the server in which schema it finds the tables that were named without one, and refuses those
 * that are not the allowed ones. A view is a table of its own here, whatever it reads.
 * @throws Failure QUERY_NOT_ALLOWED
 */
export async function checkTableSchemas(
  client: Client,
  read: readonly NamedTable[],
  allowed: AllowedTables,
): Promise<void> {
  for (const { name } of read.filter(({ schema }) => schema === undefined)) {
    const { rows } = await client.query<{ schema: string }>({
      text: `SELECT n.nspname AS schema FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE c.oid = pg_catalog.to_regclass(pg_catalog.quote_ident($1))`,
      values: [name],
    });
    const schema = rows[0]?.schema;
    // A table that does not exist is the server's to complain of.
    if (schema !== undefined && !allowed.has(schema, name)) throw allowed.refusal({ schema, name });
  }
}
