import { DatabaseSync, type StatementSync } from 'node:sqlite';

import { noRoom } from '../../../platform/storage/storage-full.ts';
import type { Column } from '../../../schemas/dataset.ts';
import { Failure } from '../../../schemas/failure.ts';
import {
  missingColumn,
  missingTable,
  queryFailed,
  refusedQuery,
  unparseable,
} from '../sql/query-failures.ts';
import { scanSql, SqlScanError } from '../sql/sql-scanner.ts';
import { guardQueries, type QueryGuard } from './authorizer.ts';
import { readableTables, smallLetters } from './readable-tables.ts';

const QUOTING = {
  backslash: false,
  doubleQuotedStrings: false,
  brackets: true,
  hashComments: false,
} as const;
/** No other file, no value beyond 100 MB however it is made, no patterns that take for ever. */
const LIMITS = {
  length: 100_000_000,
  attach: 0,
  functionArg: 100,
  likePatternLength: 1_000,
  triggerDepth: 1,
  variableNumber: 1,
} as const;
/** Ends a name that stands without quotes: to SQLite all beyond ASCII is a letter. */
const BETWEEN_NAMES = /[^\w$\u0080-\uffff]+/;
const NOT_A_DATABASE = 26;
const CORRUPT = 11;
/** SQLITE_FULL, SQLITE_IOERR_WRITE, and SQLITE_IOERR_SHMSIZE: reading a log takes a file beside it. */
const NO_ROOM = [13, 778, 4874];

/** An open copy of a SQLite file with one compiled SELECT. */
export interface SqliteQuery {
  readonly statement: StatementSync;
  readonly close: () => void;
}

/**
 * Opens a private copy read-only, without extensions, distrusting its schema, and compiles the query
 * under an authorizer that allows reading only. Nothing of the query runs yet.
 * @param tables the only tables and views that it may name; all when left out
 * @throws Failure FILE_UNREADABLE, QUERY_NOT_ALLOWED or QUERY_FAILED
 */
export function openSqliteQuery(
  path: string,
  query: string,
  tables?: readonly string[],
): SqliteQuery {
  const named = checkText(query);
  const database = openCopy(path);
  try {
    const guard = guardQueries(database, readableTables(database, tables, named));
    const statement = compile(database, query, guard);
    checkTail(database, query.slice(statement.sourceSQL.length));
    return { statement, close: () => database.close() };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The columns of a compiled query, with the types that its tables declare. */
export function sqliteColumns(statement: StatementSync): Column[] {
  return statement
    .columns()
    .map(({ name, type }) => ({ name: String(name), type: type?.toLowerCase() ?? 'undeclared' }));
}

/** Our words for an error of SQLite; the names in it stand in the query anyway. */
export function sqliteFailure(error: unknown, query: string): Failure {
  if (error instanceof Failure) return error;
  const { errcode, message = '' } = error as { errcode?: number; message?: string };
  if (errcode === NOT_A_DATABASE || errcode === CORRUPT || NO_ROOM.includes(errcode ?? 0)) {
    return notSqlite(error);
  }
  const named = /^no such (table|column): (?:main\.)?(.+)$/.exec(message);
  const name = named && query.includes(named[2] as string) ? named[2] : undefined;
  if (named?.[1] === 'table') return missingTable(name);
  if (named?.[1] === 'column') return missingColumn(name);
  if (message.startsWith('unsafe use of')) {
    return refusedQuery('reads a view that calls what views may not call');
  }
  if (/syntax error|incomplete input|unrecognized token/.test(message)) return unparseable(query);
  return queryFailed(`SQLite code ${errcode ?? 'unknown'}`, error);
}

/** @returns every name, word and text of the query, in small letters */
export function checkText(query: string): ReadonlySet<string> {
  let texts: string[];
  try {
    texts = scanSql(query, QUOTING).map(({ text }) => text);
  } catch (error) {
    if (error instanceof SqlScanError) throw refusedQuery(error.message);
    throw error;
  }
  if (!/^(?:select|with|values)$/i.test(texts[0] ?? '')) throw refusedQuery('is not a SELECT');
  return new Set([...texts, ...query.split(BETWEEN_NAMES)].map(smallLetters));
}

/** Opens a file read-only and shut against all that its text or a query could ask for. @throws Failure */
export function openCopy(path: string): DatabaseSync {
  try {
    const database = new DatabaseSync(path, {
      readOnly: true,
      allowExtension: false,
      defensive: true,
      enableDoubleQuotedStringLiterals: false,
      limits: LIMITS,
    });
    for (const pragma of [
      'trusted_schema=OFF',
      'cell_size_check=ON',
      'mmap_size=0',
      'query_only=ON',
      'temp_store=MEMORY',
    ]) {
      database.exec(`PRAGMA ${pragma}`);
    }
    // Opening is lazy: the first read tells whether it is a database at all.
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    return database;
  } catch (error) {
    throw notSqlite(error);
  }
}

function compile(database: DatabaseSync, query: string, guard: QueryGuard): StatementSync {
  try {
    return database.prepare(query);
  } catch (error) {
    throw guard.refusal() ?? sqliteFailure(error, query);
  }
}

/** Only the first statement was compiled; another one must be refused, not passed over. */
export function checkTail(database: DatabaseSync, tail: string): void {
  try {
    database.prepare(tail.replace(/^[\s;]+/, ''));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_INVALID_ARG_VALUE') return;
  }
  throw refusedQuery('holds more than one statement');
}

function notSqlite(cause: unknown): Failure {
  if (NO_ROOM.includes((cause as { errcode?: number }).errcode ?? 0)) return noRoom(cause);
  return new Failure(
    'FILE_UNREADABLE',
    'The file is not a complete SQLite database.',
    'Give the path of a SQLite file that no other program is writing.',
    { cause },
  );
}
