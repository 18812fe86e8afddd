import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';

import type { SqliteDatabase } from 'kysely';

/** A database file that several processes of one machine write to; what is committed survives a power cut. */
export function openSqlite(path: string, { readOnly = false } = {}): SqliteDatabase {
  if (!readOnly) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(path, { readOnly });
  // Whoever waits for a lock would keep this whole process waiting: a busy database is tried again instead.
  database.exec('PRAGMA busy_timeout = 0; PRAGMA foreign_keys = ON');
  if (!readOnly) database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  // What is erased shall not stay in free pages.
  if (!readOnly) database.exec('PRAGMA secure_delete = ON');
  return {
    close: () => database.close(),
    prepare(sql) {
      // A transaction that reads first and is overtaken could not write any more.
      const statement = database.prepare(sql === 'begin' ? 'begin immediate' : sql);
      const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[];
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...values(parameters)),
        run: (parameters) => statement.run(...values(parameters)),
        iterate: (parameters) => statement.iterate(...values(parameters)),
      };
    },
  };
}
