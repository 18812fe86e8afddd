import { refusedFunction, refusedQuery, refusedTable } from '../query-failures.ts';
import { POSTGRES_FUNCTIONS, POSTGRES_OPERATORS, POSTGRES_TYPES } from './allowed-functions.ts';

/** A node of the syntax tree, as libpg-query hands it over. */
export type Tree = Readonly<Record<string, unknown>>;

/** The strings of a list of String nodes. */
export function names(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: Tree) => {
    const text = (item.String as Tree | undefined)?.sval;
    return typeof text === 'string' ? [text] : [];
  });
}

/** @throws Failure QUERY_NOT_ALLOWED unless it is an allowed function of pg_catalog */
export function checkFunction(path: readonly string[]): void {
  const name = path.at(-1) ?? '';
  if (!ownCatalog(path) || !POSTGRES_FUNCTIONS.has(name)) throw refusedFunction(path.join('.'));
}

/** @throws Failure QUERY_NOT_ALLOWED unless it is an allowed type of pg_catalog */
export function checkType(path: readonly string[]): void {
  if (ownCatalog(path) && POSTGRES_TYPES.has(path.at(-1) ?? '')) return;
  throw refusedQuery(`casts to the type “${path.join('.').slice(0, 64)}”, which is not allowed`);
}

/** @throws Failure QUERY_NOT_ALLOWED unless it is an allowed operator of pg_catalog */
export function checkOperator(kind: unknown, path: readonly string[]): void {
  // BETWEEN, LIKE, IN and so on carry the name of the operator they stand for.
  if (kind !== 'AEXPR_OP' && kind !== 'AEXPR_OP_ANY' && kind !== 'AEXPR_OP_ALL' && path.length <= 1)
    return;
  if (path.length === 0 || (ownCatalog(path) && POSTGRES_OPERATORS.has(path.at(-1) ?? ''))) return;
  throw refusedQuery('uses an operator that is not on the allowed list');
}

function ownCatalog(path: readonly string[]): boolean {
  return path.length === 1 || (path.length === 2 && path[0] === 'pg_catalog');
}

/** @throws Failure QUERY_NOT_ALLOWED for a table of the database system */
export function checkTable(name: string, schema: unknown): void {
  const system = typeof schema === 'string' && /^(?:pg_|information_schema$)/i.test(schema);
  // Without a schema, a name that begins with pg_ finds the catalog first.
  if (system || /^pg_/i.test(name)) throw refusedTable(name);
}

/** @throws Failure QUERY_NOT_ALLOWED for a sample that can’t be taken again */
export function checkSample(method: readonly string[], repeatable: unknown): void {
  if (method.length === 1 && /^(?:bernoulli|system)$/.test(method[0] ?? '') && repeatable) return;
  throw refusedQuery(
    'takes a random sample that could not be taken again',
    'Add REPEATABLE (seed) to TABLESAMPLE.',
  );
}

/** @throws Failure QUERY_NOT_ALLOWED for a keyword that tells about the session, like CURRENT_USER */
export function checkValueFunction(op: string): void {
  if (/^SVFOP_(?:CURRENT_DATE|CURRENT_TIME|CURRENT_TIMESTAMP|LOCALTIME|LOCALTIMESTAMP)/.test(op))
    return;
  throw refusedFunction(op.replace(/^SVFOP_/, '').toLowerCase());
}
