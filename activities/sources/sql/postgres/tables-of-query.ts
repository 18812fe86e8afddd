import type { NamedTable } from '../allowed-tables.ts';
import type { Tree } from './check-names.ts';

/**
 * The tables and views that a checked syntax tree names. A name that a WITH clause defines counts as a
 * table wherever PostgreSQL would not find the definition: before it, and outside of its SELECT.
 */
export function tablesOfQuery(root: Tree): NamedTable[] {
  const found: NamedTable[] = [];

  function visit(value: unknown, defined: ReadonlySet<string>): void {
    if (Array.isArray(value)) return value.forEach((item) => visit(item, defined));
    if (typeof value !== 'object' || value === null) return;
    for (const [key, child] of Object.entries(value)) {
      if (key === 'RangeVar') addTable(child as Tree, defined);
      else if (isSelect(key, child)) visitSelect(child as Tree, defined);
      else visit(child, defined);
    }
  }

  function visitSelect({ withClause, ...rest }: Tree, outside: ReadonlySet<string>): void {
    const { ctes = [], recursive = false } = (withClause ?? {}) as {
      ctes?: { CommonTableExpr: Tree }[];
      recursive?: boolean;
    };
    const names = ctes.map(({ CommonTableExpr: { ctename } }) => String(ctename));
    const defined = new Set(recursive ? [...outside, ...names] : outside);
    for (const { CommonTableExpr: cte } of ctes) {
      visit(cte.ctequery, new Set(defined));
      defined.add(String(cte.ctename));
    }
    visit(rest, defined);
  }

  function addTable({ schemaname, relname, catalogname }: Tree, defined: ReadonlySet<string>) {
    const schema = typeof schemaname === 'string' ? schemaname : undefined;
    const name = String(relname);
    // PostgreSQL takes no database but the own before a schema.
    if (schema === undefined && catalogname === undefined && defined.has(name)) return;
    found.push({ schema, name });
  }

  visitSelect(root, new Set());
  return found;
}

/** A SELECT; one side of a UNION has no wrapper, while the sides of a JOIN, of the same names, have one. */
function isSelect(key: string, child: unknown): boolean {
  if (key === 'SelectStmt') return true;
  return /^[lr]arg$/.test(key) && !/^[A-Z]/.test(Object.keys(child as object)[0] ?? 'A');
}
