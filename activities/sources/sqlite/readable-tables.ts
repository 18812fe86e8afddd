import { constants, type DatabaseSync } from 'node:sqlite';

/** Small letters as SQLite compares names: of A to Z alone. “É” and “é” are two tables. */
export function smallLetters(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** What queries on a file may read, in small letters. */
export interface ReadableTables {
  readonly all: ReadonlySet<string>;
  /** Tables and views of the file that they may not. */
  readonly hidden: ReadonlySet<string>;
}

/**
 * Tables and views that a query may read: all of the file’s own, or those of a list, and what the views
 * among them read. That must not be named by the query itself: SQLite can’t always tell which of the
 * two it reads for.
 * @param named every name and word of the query, in small letters
 */
export function readableTables(
  database: DatabaseSync,
  listed: readonly string[] | undefined,
  named: ReadonlySet<string>,
): ReadableTables {
  const own = database
    .prepare(`SELECT lower(name) AS name, type FROM sqlite_schema WHERE type IN ('table', 'view')`)
    .all()
    .map(({ name, type }) => ({ name: String(name), isView: type === 'view' }))
    .filter(({ name }) => !name.startsWith('sqlite_'));
  if (!listed) return { all: new Set(own.map(({ name }) => name)), hidden: new Set() };
  const wanted = new Set(listed.map((entry) => smallLetters(entry).replace(/^main\./, '')));
  const chosen = own.filter(({ name }) => wanted.has(name));
  const behind = chosen
    .filter(({ isView }) => isView)
    .flatMap(({ name }) => readBy(database, name))
    .filter((name) => !named.has(name));
  const all = new Set([...chosen.map(({ name }) => name), ...behind]);
  return { all, hidden: new Set(own.map(({ name }) => name).filter((name) => !all.has(name))) };
}

/** The tables and views that a view reads, also through others. */
function readBy(database: DatabaseSync, view: string): string[] {
  const found = new Set<string>();
  database.setAuthorizer((action, table) => {
    if (action === constants.SQLITE_READ) found.add(smallLetters(table ?? ''));
    return constants.SQLITE_OK;
  });
  try {
    database.prepare(`SELECT * FROM main."${view.replaceAll('"', '""')}"`);
  } catch {
    // A view that does not compile reads nothing.
  } finally {
    database.setAuthorizer(null);
  }
  return [...found];
}
