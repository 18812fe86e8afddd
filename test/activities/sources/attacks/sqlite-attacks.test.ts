import { createHash } from 'node:crypto';
import { copyFileSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { describe, expect, it } from 'vitest';

import { createReaderPool } from '../../../../activities/sources/child/reader-pool.ts';
import { guardQueries } from '../../../../activities/sources/sqlite/authorizer.ts';
import { readableTables } from '../../../../activities/sources/sqlite/readable-tables.ts';
import {
  checkTail,
  checkText,
  openCopy,
  openSqliteQuery,
} from '../../../../activities/sources/sqlite/sqlite-query.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { testReader } from '../test-reader.ts';
import { attackSuite } from './attack-suite.ts';
import { honestSuite } from './honest-queries.ts';
import type { Outcome } from './layers.ts';
import { sqlitePayloads } from './sqlite-payloads.ts';

/** The layers between a query and SQLite; a process of its own with limits is around them all. */
const LAYERS = {
  X: 'the check of the text: begins as a SELECT does, and nothing comes after it',
  A: 'SQLite’s authorizer, which allows what is listed',
  O: 'how the copy is opened: read-only, defensive, no extensions, no other file, small values',
};

const folder = await temporaryFolder();
const template = join(await temporaryFolder(), 'template.db');
const path = join(folder, 'shop.db');
make(
  template,
  `CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, age INTEGER);
   CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, amount REAL, name TEXT, ordered TEXT, y INTEGER);
   CREATE TABLE documents (id INTEGER, data TEXT); CREATE TABLE secret (name TEXT);
   CREATE VIEW big_orders AS SELECT * FROM orders WHERE amount > 50;
   CREATE VIEW order_view AS SELECT id, amount FROM big_orders;
   CREATE VIEW spying_view AS SELECT name FROM secret;
   CREATE VIEW loading_view AS SELECT length(zeroblob(200000000)) AS a;
   INSERT INTO customers VALUES (1, 'Ada', 36), (2, 'Bob', 41); INSERT INTO secret VALUES ('hidden');
   INSERT INTO documents VALUES (1, '{"n": 5}');
   WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)
     INSERT INTO orders SELECT i, i % 2 + 1, i * 10.5, 'n' || i, date('2026-01-31', -i || ' days'), i % 2 FROM n;`,
);
make(
  join(folder, 'other.db'),
  "CREATE TABLE secret (a); INSERT INTO secret VALUES ('canaryd41d8cd9')",
);
copyFileSync(template, path);

function make(file: string, statements: string): void {
  const database = new DatabaseSync(file);
  database.exec(statements);
  database.close();
}

function state(): string {
  const files = readdirSync(folder).sort();
  return files
    .map(
      (name) =>
        `${name} ${createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex')}`,
    )
    .join('\n');
}

function restore(): void {
  for (const name of readdirSync(folder)) {
    if (name !== 'other.db') rmSync(join(folder, name));
  }
  copyFileSync(template, path);
}

async function attack(sql: string, layers: string): Promise<Outcome> {
  let output = '';
  let database: DatabaseSync | undefined;
  try {
    const named = layers.includes('X') ? checkText(sql) : new Set<string>();
    database = layers.includes('O')
      ? openCopy(path)
      : new DatabaseSync(path, { allowExtension: true, defensive: false });
    if (layers.includes('A')) guardQueries(database, readableTables(database, undefined, named));
    for (let rest = sql; rest.trim() !== '';) {
      const statement = database.prepare(rest);
      const tail = rest.slice(statement.sourceSQL.length).replace(/^[\s;]+/, '');
      if (layers.includes('X')) checkTail(database, tail);
      output += JSON.stringify(statement.all());
      rest = tail;
    }
    return { output };
  } catch (error) {
    return { output, error };
  } finally {
    database?.close();
  }
}

describe('attacks on SQLite', () => {
  attackSuite({
    payloads: sqlitePayloads(folder),
    layers: LAYERS,
    attack,
    state: async () => state(),
    restore: async () => restore(),
  });
});

describe('honest queries on SQLite', async () => {
  const tables = ['orders', 'customers', 'documents', 'big_orders'];
  await honestSuite({ kind: 'sqlite', path: 'shop.db', tables }, (root) =>
    copyFileSync(template, join(root, 'shop.db')),
  );
});

describe('tables that a listed view reads', async () => {
  const odd = join(await temporaryFolder(), 'odd.db');
  make(
    odd,
    `CREATE TABLE "geheim€" (a); CREATE TABLE "donne\u0301es" (a); CREATE TABLE "ÉTAT" (a); CREATE TABLE "\u212aey" (a);
     CREATE TABLE key (a); CREATE VIEW seen AS SELECT 1 AS a FROM "geheim€", "donne\u0301es";`,
  );
  const read = (query: string) => openSqliteQuery(odd, query, ['seen', 'key', 'été']).close();

  it.each(['geheim€', 'donne\u0301es', '"donne\u0301es"', 'ÉTAT', '\u212aey'])(
    'are not read by their own name: %s',
    (name) => {
      expect(() => read(`SELECT count(*) FROM ${name}`)).toThrow(/which this connection does not/);
    },
  );

  it('are read by it where all tables are', () => {
    openSqliteQuery(odd, 'SELECT * FROM geheim€, ÉTAT').close();
    expect(() => read('SELECT a FROM seen')).not.toThrow();
  });
});

describe('queries on SQLite that never end', async () => {
  const pool = createReaderPool();
  const { root, sql, load } = await testReader({ pool });
  copyFileSync(template, join(root, 'shop.db'));

  it.each([
    'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS a, 1 AS y FROM n',
    'SELECT count(*) AS a, 1 AS y FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT (i * 7) % 1000003 FROM n) SELECT a.i FROM n a, n b, n c)',
    `SELECT sum(a.y) AS a, 1 AS y FROM ${Array.from({ length: 30 }, (_, i) => `orders ${i === 0 ? 'a' : `t${i}`}`).join(', ')}`,
    "WITH RECURSIVE n(s) AS (SELECT 'aaaaaaaaaaaaaaaa' UNION ALL SELECT s || s FROM n WHERE length(s) < 1000000) SELECT count(*) AS a, 1 AS y FROM n a, n b, n c, n d, n e, n f WHERE a.s || b.s LIKE '%' || c.s || '%b' AND d.s || e.s LIKE '%_%_%_%_%b%' || f.s",
  ])('end with their process: %s', async (query) => {
    const limits = { queryTimeoutSeconds: 1 };
    await expect(load(sql('sqlite:///shop.db', query), { limits })).rejects.toMatchObject({
      code: expect.stringMatching(/^QUERY_(TIMEOUT|FAILED)$/) as string,
    });
  });
});
