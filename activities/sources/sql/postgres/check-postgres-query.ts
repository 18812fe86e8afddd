import { hasSqlDetails, loadModule, parseSync } from 'libpg-query';

import { refusedFunction, refusedQuery, refusedTable, unparseable } from '../query-failures.ts';
import { POSTGRES_FUNCTIONS, POSTGRES_OPERATORS, POSTGRES_TYPES } from './allowed-functions.ts';
import { NODES } from './statement-grammar.ts';

export interface CheckedQuery {
  /** The one SELECT, without what follows it. */
  readonly sql: string;
  /** Bytes of the text before it. */
  readonly start: number;
  /** Tables it names, and at which byte of the text. */
  readonly tables: readonly { readonly name: string; readonly location: number }[];
}

type Tree = Readonly<Record<string, unknown>>;

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
  return { sql, start, tables: walker.tables };
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
        return checkFunction(names(node.funcname));
      case 'TypeName':
        return checkType(names(node.names));
      case 'A_Expr':
        return checkOperator(node.kind, names(node.name));
      case 'SubLink':
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

  return { walk, tables };
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

/** The strings of a list of String nodes. */
function names(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: Tree) => {
    const text = (item.String as Tree | undefined)?.sval;
    return typeof text === 'string' ? [text] : [];
  });
}

function checkFunction(path: readonly string[]): void {
  const name = path.at(-1) ?? '';
  if (!ownCatalog(path) || !POSTGRES_FUNCTIONS.has(name)) throw refusedFunction(path.join('.'));
}

function checkType(path: readonly string[]): void {
  if (ownCatalog(path) && POSTGRES_TYPES.has(path.at(-1) ?? '')) return;
  throw refusedQuery(`casts to the type “${path.join('.').slice(0, 64)}”, which is not allowed`);
}

function checkOperator(kind: unknown, path: readonly string[]): void {
  // BETWEEN, LIKE, IN and so on carry the name of the operator they stand for.
  if (kind !== 'AEXPR_OP' && kind !== 'AEXPR_OP_ANY' && kind !== 'AEXPR_OP_ALL' && path.length <= 1)
    return;
  if (path.length === 0 || (ownCatalog(path) && POSTGRES_OPERATORS.has(path.at(-1) ?? ''))) return;
  throw refusedQuery('uses an operator that is not on the allowed list');
}

function ownCatalog(path: readonly string[]): boolean {
  return path.length === 1 || (path.length === 2 && path[0] === 'pg_catalog');
}

function checkTable(name: string, schema: unknown): void {
  const system = typeof schema === 'string' && /^(?:pg_|information_schema$)/i.test(schema);
  // Without a schema, a name that begins with pg_ finds the catalog first.
  if (system || /^pg_/i.test(name)) throw refusedTable(name);
}

function checkSample(method: readonly string[], repeatable: unknown): void {
  if (method.length === 1 && /^(?:bernoulli|system)$/.test(method[0] ?? '') && repeatable) return;
  throw refusedQuery(
    'takes a random sample that could not be taken again',
    'Add REPEATABLE (seed) to TABLESAMPLE.',
  );
}

function checkValueFunction(op: string): void {
  if (/^SVFOP_(?:CURRENT_DATE|CURRENT_TIME|CURRENT_TIMESTAMP|LOCALTIME|LOCALTIMESTAMP)/.test(op))
    return;
  throw refusedFunction(op.replace(/^SVFOP_/, '').toLowerCase());
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
