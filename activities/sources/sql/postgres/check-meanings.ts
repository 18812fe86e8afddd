import type { Client } from 'pg';

import { refusedFunction } from '../query-failures.ts';

/** The names in a query that a user’s own function could answer to. */
export interface UsedNames {
  readonly functions: readonly string[];
  /** Last parts of columns: PostgreSQL reads row.name as name(row) where there is no such column. */
  readonly columns: readonly string[];
  readonly operators: readonly string[];
}

/**
 * Asks the server whether a name in the query could be a user’s own function in place of PostgreSQL’s:
 * an overload that fits better, a function on a table’s rows that reads like a column, an operator.
 * Those that compute with the caller’s rights may be; those that act, or act with their owner’s, not.
 * @throws Failure QUERY_NOT_ALLOWED
 */
export async function checkMeanings(client: Client, used: UsedNames): Promise<void> {
  const { rows } = await client.query<{ name: string }>({
    text: `
      SELECT p.proname AS name FROM pg_catalog.pg_proc p LEFT JOIN pg_catalog.pg_type t ON t.oid = p.proargtypes[0]
      WHERE p.pronamespace <> 'pg_catalog'::regnamespace
        AND pg_catalog.has_function_privilege(p.oid, 'EXECUTE')
        AND (p.prosecdef OR p.provolatile = 'v' OR p.prokind = 'a')
        AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d
          WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e' AND NOT p.prosecdef)
        AND (p.proname = ANY ($1)
          OR p.proname = ANY ($2) AND (t.typtype = 'c' OR t.typname IN ('record', 'anyelement', 'any', 'anycompatible'))
            AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a WHERE a.attrelid = t.typrelid AND a.attname = p.proname)
          OR p.oid IN (SELECT o.oprcode FROM pg_catalog.pg_operator o
            WHERE o.oprname = ANY ($3) AND o.oprnamespace <> 'pg_catalog'::regnamespace))
      LIMIT 1`,
    values: [used.functions, used.columns, used.operators],
  });
  const [own] = rows;
  if (own) throw refusedFunction(own.name);
}
