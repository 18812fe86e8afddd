import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';

import type { SqliteDatabase, SqliteStatement } from 'kysely';

/** Statements that are kept ready. */
const MOST_PREPARED = 200;

/** A database file that several processes of one machine write to; what is committed survives a power cut. */
export function openSqlite(path: string, { readOnly = false } = {}): SqliteDatabase {
  if (!readOnly) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(path, { readOnly });
  // Whoever waits for a lock would keep this whole process waiting: a busy database is tried again instead.
  database.exec('PRAGMA busy_timeout = 0; PRAGMA foreign_keys = ON');
  if (!readOnly) database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  // What is erased shall not stay in free pages.
  if (!readOnly) database.exec('PRAGMA secure_delete = ON');
  const prepared = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare(sql) {
      const statement = prepared.get(sql) ?? prepare(database, sql);
      if (prepared.size >= MOST_PREPARED) prepared.clear();
      prepared.set(sql, statement);
      return statement;
    },
  };
}

function prepare(database: DatabaseSync, sql: string): SqliteStatement {
  // A transaction that reads first and is overtaken could not write any more.
  const text = sql === 'begin' ? 'begin immediate' : sql;
  const statement = database.prepare(text);
  const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[];
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...values(parameters)),
    run: (parameters) => statement.run(...values(parameters)),
    // One that is read slowly is nobody else’s.
    iterate: (parameters) => database.prepare(text).iterate(...values(parameters)),
  };
}
