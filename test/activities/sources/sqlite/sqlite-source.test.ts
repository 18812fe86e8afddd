import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { describe, expect, it } from 'vitest';

import {
  openSqliteQuery,
  sqliteColumns,
} from '../../../../activities/sources/sqlite/sqlite-query.ts';
import { HONEST_SQLITE, REFUSED_SQLITE } from '../queries/sqlite.ts';
import { directPool } from '../direct-pool.ts';
import { testReader } from '../test-reader.ts';

const { root, sql, describe: describeSource, load } = await testReader({ pool: directPool });

function database(name: string, statements: string): string {
  const path = join(root, name);
  const made = new DatabaseSync(path);
  made.exec(statements);
  made.close();
  return path;
}

const shop = database(
  'shop.db',
  `CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, amount REAL, name TEXT, ordered TEXT, y INTEGER);
   CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, age INTEGER);
   CREATE TABLE documents (id INTEGER, data TEXT);
   CREATE VIEW order_view AS SELECT id, amount, y FROM orders;
   INSERT INTO orders VALUES (1, 1, 5.5, 'ab', '2026-01-01', 0), (2, 1, 50, 'bc', '2026-02-01', 1),
     (3, 2, 500, 'cd', '2026-03-01', 0), (4, 2, 5000, 'de', '2026-04-01', 1);
   INSERT INTO customers VALUES (1, 'Ada', 36), (2, 'Bob', 41);
   INSERT INTO documents VALUES (1, '{"a": 1, "b": "x", "list": [1, 2]}');`,
);

describe('SQLite queries', () => {
  it.each(HONEST_SQLITE)('lets pass: %s', (query) => {
    const { statement, close } = openSqliteQuery(shop, query);
    expect(sqliteColumns(statement).length).toBeGreaterThan(0);
    expect(() => statement.all()).not.toThrow();
    close();
  });

  it.each(REFUSED_SQLITE)('refuses: %s', (query) => {
    const opened = () => openSqliteQuery(shop, query).close();
    expect(opened).toThrowError(expect.objectContaining({ name: 'Failure' }) as Error);
    expect(opened).toThrowError(
      expect.objectContaining({ code: expect.stringMatching(/^QUERY_/) as string }) as Error,
    );
  });

  it('leaves the file as it was, whatever was asked of it', async () => {
    const hash = async () =>
      createHash('sha256')
        .update(await readFile(shop))
        .digest('hex');
    const before = await hash();
    for (const query of [...REFUSED_SQLITE, ...HONEST_SQLITE]) {
      try {
        openSqliteQuery(shop, query).close();
      } catch {
        // Refused: what counts is the file.
      }
    }
    expect(await hash()).toBe(before);
    expect(existsSync('/tmp/src_owned.db')).toBe(false);
  });
});

describe('SQLite sources', () => {
  it('describe and load a query', async () => {
    const source = sql('sqlite:///shop.db', 'SELECT amount, id, y FROM orders ORDER BY id;');
    expect(await describeSource(source)).toEqual({
      columns: [
        { name: 'amount', type: 'real' },
        { name: 'id', type: 'integer' },
        { name: 'y', type: 'integer' },
      ],
      features: ['amount', 'id'],
      display: 'a connection',
    });
    const { rows, labels, loaded } = await load(source);
    expect(rows).toEqual([
      [5.5, 1],
      [50, 2],
      [500, 3],
      [5000, 4],
    ]);
    expect(labels).toEqual([0, 1, 0, 1]);
    expect(loaded).toMatchObject({ rows: 4, labelType: 'int', sourceSha256: null });
  });

  it('take an absolute path inside a root, and none outside', async () => {
    const query = 'SELECT amount, y FROM orders';
    expect((await load(sql(`sqlite:///${shop}`, query))).loaded.rows).toBe(4);
    await symlink('/etc/hostname', join(root, 'link.db'));
    for (const path of ['../shop.db', '/etc/hostname', 'link.db']) {
      await expect(load(sql(`sqlite:///${path}`, query))).rejects.toMatchObject({
        code: 'PATH_NOT_ALLOWED',
      });
    }
    await expect(load(sql('sqlite:///shp.db', query))).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
      hint: 'Did you mean “shop.db”?',
    });
  });

  it('see what is still in the write-ahead log', async () => {
    const writer = new DatabaseSync(join(root, 'log.db'));
    writer.exec('PRAGMA journal_mode = wal; CREATE TABLE t (a, y)');
    writer.exec("INSERT INTO t VALUES (1, 'p'), (2, 'q'), (3, 'p'), (4, 'q')");
    const { rows } = await load(sql('sqlite:///log.db', 'SELECT * FROM t'));
    writer.close();
    expect(rows.flat()).toEqual([1, 2, 3, 4]);
  });

  it('wait while somebody is in the middle of writing', async () => {
    const writer = new DatabaseSync(database('busy.db', 'CREATE TABLE t (a, y)'));
    writer.exec('BEGIN IMMEDIATE; INSERT INTO t VALUES (1, 2)');
    writer.exec('PRAGMA cache_spill = 1; PRAGMA cache_size = 1');
    writer.exec(
      'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO t SELECT i, i FROM n',
    );
    await expect(load(sql('sqlite:///busy.db', 'SELECT * FROM t'))).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
    });
    writer.exec('ROLLBACK');
    writer.close();
  });

  it('read integers beyond 2^53 as the nearest double', async () => {
    database(
      'big.db',
      'CREATE TABLE t (a, y); INSERT INTO t VALUES (9007199254740995, 1), (1, 0), (2, 1), (3, 0)',
    );
    const { rows } = await load(sql('sqlite:///big.db', 'SELECT a, y FROM t'));
    expect(rows.flat()).toEqual([9007199254740996, 1, 2, 3]);
  });

  it('judge values by what they are, because columns may hold anything', async () => {
    database(
      'mixed.db',
      `CREATE TABLE t (a, b, s, y, z); INSERT INTO t VALUES
       (1, 1, 'p', 1, 1), (2.5, 'x', 'q', 0, '1'), (3, NULL, 'r', 1, 1), (9e999, x'00', 4, 0, '1')`,
    );
    const fails = (query: string, wish = {}) =>
      load(sql('sqlite:///mixed.db', query), wish).catch((error: unknown) => error);
    expect(await fails('SELECT b, y FROM t')).toMatchObject({
      code: 'COLUMN_NOT_NUMERIC',
      message: 'Values that are not numbers stand in “b” (rows 2, 4).',
    });
    expect(await fails('SELECT a, y FROM t')).toMatchObject({ code: 'VALUE_OUT_OF_RANGE' });
    expect(await fails('SELECT 1 AS a, z AS y FROM t')).toMatchObject({ code: 'MIXED_LABELS' });
    expect(await fails('SELECT s, y FROM t', { task: 'text' })).toMatchObject({
      code: 'COLUMN_NOT_TEXT',
      message: 'Values that are not texts stand in “s” (row 4).',
    });
    expect(await fails('SELECT 1 AS a, b AS y FROM t')).toMatchObject({ code: 'COLUMN_NOT_TEXT' });
  });

  it.each([
    ['SELECT amount, y FROM order', 'QUERY_FAILED', /syntax error/],
    ['SELECT amount, y FROM missing_table', 'QUERY_FAILED', /“missing_table”/],
    ['SELECT wrong, y FROM orders', 'QUERY_FAILED', /“wrong”/],
    ['SELECT amount, y FROM orders WHERE 0', 'NO_ROWS', /no rows/],
    ['SELECT amount AS y, y FROM orders', 'QUERY_FAILED', /“y”/],
    ['SELECT amount FROM orders', 'COLUMN_NOT_FOUND', /“y”/],
  ])('answer %s with %s', async (query, code, message) => {
    const error = await load(sql('sqlite:///shop.db', query)).catch((failed: unknown) => failed);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) as string });
  });

  it('stop at the row limit', async () => {
    const query =
      'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS a, i % 2 AS y FROM n';
    await expect(
      load(sql('sqlite:///shop.db', query), { limits: { maxRows: 100_000 } }),
    ).rejects.toMatchObject({ code: 'ROW_LIMIT' });
  });

  it('refuse a file that is no database', async () => {
    await writeFile(
      join(root, 'text.db'),
      'this is no database, but long enough to be one. '.repeat(40),
    );
    await expect(load(sql('sqlite:///text.db', 'SELECT 1 AS a, 2 AS y'))).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
    });
  });

  it('distrust what a crafted file calls a view', async () => {
    database(
      'crafted.db',
      `CREATE TABLE t (a, y); CREATE VIEW v AS SELECT load_extension('/tmp/x.so') AS a, 1 AS y`,
    );
    await expect(load(sql('sqlite:///crafted.db', 'SELECT a, y FROM v'))).rejects.toMatchObject({
      code: 'QUERY_NOT_ALLOWED',
    });
  });
});
