import { hasSqlDetails, loadModule, parseSync } from 'libpg-query';

import type { NamedTable } from '../allowed-tables.ts';
import { refusedQuery, unparseable } from '../query-failures.ts';
import type { UsedNames } from './check-meanings.ts';
import {
  checkFunction,
  checkOperator,
  checkSample,
  checkTable,
  checkType,
  checkValueFunction,
  names,
  type Tree,
} from './check-names.ts';
import { NODES } from './statement-grammar.ts';
import { tablesOfQuery } from './tables-of-query.ts';

export interface CheckedQuery {
  /** The one SELECT, without what follows it. */
  readonly sql: string;
  /** Bytes of the text before it. */
  readonly start: number;
  /** Tables it names, and at which byte of the text. */
  readonly tables: readonly { readonly name: string; readonly location: number }[];
  /** Those of them that no WITH clause defines. */
  readonly read: readonly NamedTable[];
  readonly used: UsedNames;
}

/**
 * Parses a query with PostgreSQL's own grammar and walks its whole tree: one SELECT, made of nothing
 * but nodes, functions, types and operators that are listed. What does not parse is refused.
 * @throws Failure QUERY_NOT_ALLOWED or QUERY_FAILED (syntax)
 */
export async function checkPostgresQuery(query: string): Promise<CheckedQuery> {
  if (query.includes('\0')) throw refusedQuery('holds a NUL character');
  await loadModule();
  const statements = parsed(query);
  const [statement] = statements;
  if (!statement) throw refusedQuery('is empty');
  if (statements.length > 1) throw refusedQuery('holds more than one statement');
  const [type = '', tree] = Object.entries(statement.stmt as Tree)[0] ?? [];
  if (type !== 'SelectStmt') throw refusedQuery('is not a SELECT');
  const walker = createWalker(tree as Tree);
  try {
    walker.walk(type, tree as Tree);
  } catch (error) {
    throw error instanceof RangeError ? refusedQuery('is nested too deeply') : error;
  }
  const bytes = Buffer.from(query);
  const start = statement.stmt_location ?? 0;
  const length = statement.stmt_len ?? 0;
  const sql = bytes.subarray(start, length === 0 ? undefined : start + length).toString();
  return { sql, start, ...walker.found, read: tablesOfQuery(tree as Tree) };
}

interface Statement {
  readonly stmt?: unknown;
  readonly stmt_location?: number;
  readonly stmt_len?: number;
}

function parsed(query: string): readonly Statement[] {
  try {
    return parseSync(query).stmts ?? [];
  } catch (error) {
    if (hasSqlDetails(error)) {
      const { cursorPosition = -1 } = error.sqlDetails ?? {};
      throw unparseable(query, cursorPosition < 0 ? undefined : cursorPosition);
    }
    throw refusedQuery(query.trim() === '' ? 'is empty' : 'is nested too deeply to be checked');
  }
}

function createWalker(root: Tree) {
  const functionAliases = collectFunctionAliases(root);
  const tables: { name: string; location: number }[] = [];
  const used = { functions: [] as string[], columns: [] as string[], operators: [] as string[] };

  function walk(type: string, node: Tree): void {
    const fields = NODES.get(type);
    if (!fields) throw refusedQuery(whyNotNode(type));
    checkNode(type, node);
    for (const [field, value] of Object.entries(node)) {
      if (!fields.has(field)) throw refusedQuery(whyNotField(type, field));
      const unwrapped = fields.get(field);
      if (unwrapped !== undefined) walk(unwrapped, value as Tree);
      else if (type !== 'A_Const') walkValue(value);
    }
  }

  function walkValue(value: unknown): void {
    if (Array.isArray(value)) return value.forEach(walkValue);
    if (typeof value !== 'object' || value === null) return;
    for (const [type, node] of Object.entries(value)) walk(type, node as Tree);
  }

  function checkNode(type: string, node: Tree): void {
    switch (type) {
      case 'FuncCall':
        used.functions.push(...names(node.funcname).slice(-1));
        return checkFunction(names(node.funcname));
      case 'TypeName':
        return checkType(names(node.names));
      case 'A_Expr':
        used.operators.push(...names(node.name).slice(-1));
        return checkOperator(node.kind, names(node.name));
      case 'SubLink':
        used.operators.push(...names(node.operName).slice(-1));
        return checkOperator('AEXPR_OP', names(node.operName));
      case 'RangeVar':
        tables.push({ name: String(node.relname), location: Number(node.location ?? 0) });
        return checkTable(String(node.relname), node.schemaname);
      case 'RangeTableSample':
        return checkSample(names(node.method), node.repeatable);
      case 'SQLValueFunction':
        return checkValueFunction(String(node.op));
      case 'CommonTableExpr':
        return checkSubquery(node.ctequery);
      case 'RangeSubselect':
        return checkSubquery(node.subquery);
      // Both may be calls in disguise: PostgreSQL reads (x).f as f(x).
      case 'A_Indirection':
        if (names(node.indirection).length > 0) {
          throw refusedQuery('selects a field of a value, which PostgreSQL may read as a call');
        }
        return;
      case 'ColumnRef':
        used.columns.push(...names(node.fields).slice(1).slice(-1));
        return checkColumn(names(node.fields));
    }
  }

  function checkColumn(path: readonly string[]): void {
    const [qualifier, column] = path.slice(-2);
    if (qualifier === undefined || column === undefined || path.length < 2) return;
    const own = functionAliases.get(qualifier);
    const known = own === undefined || own.has(column) || column === qualifier;
    if (!known || /^(?:pg_|lo_|dblink)/i.test(column)) {
      throw refusedQuery(
        'takes a column from a function’s result by a name that it was not given',
        'Name the columns of the function: FROM generate_series(1, 9) AS g(n), then g.n.',
      );
    }
  }

  return { walk, found: { tables, used } };
}

/** Aliases of functions in FROM, each with the column names it was given. */
function collectFunctionAliases(root: Tree): ReadonlyMap<string, ReadonlySet<string>> {
  const aliases = new Map<string, Set<string>>();
  const add = (alias: string, columns: readonly string[]): void => {
    aliases.set(alias, new Set([...columns, ...(aliases.get(alias) ?? [])]));
  };
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (typeof value !== 'object' || value === null) return;
    const range = (value as Tree).RangeFunction as Tree | undefined;
    if (range) {
      const alias = range.alias as Tree | undefined;
      const columns = [...names(alias?.colnames), 'ordinality', 'key', 'value'];
      if (alias) add(String(alias.aliasname), columns);
      else for (const name of calledNames(range.functions)) add(name, columns);
    }
    Object.values(value).forEach(visit);
  };
  try {
    visit(root);
  } catch (error) {
    throw error instanceof RangeError ? refusedQuery('is nested too deeply') : error;
  }
  return aliases;
}

/** The names of the functions called anywhere below. */
function calledNames(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(calledNames);
  if (typeof value !== 'object' || value === null) return [];
  const call = (value as Tree).FuncCall as Tree | undefined;
  const own = call ? names(call.funcname).slice(-1) : [];
  return [...own, ...Object.values(value).flatMap(calledNames)];
}

function checkSubquery(query: unknown): void {
  if (typeof query === 'object' && query !== null && 'SelectStmt' in query) return;
  throw refusedQuery('changes data inside a WITH clause');
}

function whyNotNode(type: string): string {
  if (type === 'ParamRef') return 'holds a parameter like $1';
  if (/Stmt$/.test(type)) return 'does more than read';
  return `uses SQL that is not on the allowed list (${type})`;
}

function whyNotField(type: string, field: string): string {
  if (field === 'lockingClause') return 'locks rows (FOR UPDATE or FOR SHARE)';
  if (field === 'intoClause') return 'creates a table (INTO)';
  return `uses SQL that is not on the allowed list (${type}.${field})`;
}
