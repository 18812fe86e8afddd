import { existsSync } from 'node:fs';

import { createConnection, type Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { checkMysqlQuery } from '../../../../activities/sources/sql/mysql/check-mysql-query.ts';
import { inReadOnlyTransaction } from '../../../../activities/sources/sql/mysql/mysql-session.ts';
import { describeMysql } from '../../../../activities/sources/sql/mysql/mysql-source.ts';
import type { ServerConnection } from '../../../../platform/connections/connection-string.ts';
import { directPool } from '../direct-pool.ts';
import { LIMITS } from '../limits.ts';
import { HONEST_MYSQL, REFUSED_MYSQL } from '../queries/mysql.ts';
import { connectionString, mariadbServer } from '../servers.ts';
import { startRelay } from '../../../support/tcp-relay.ts';
import { testReader, type Wish } from '../test-reader.ts';

const found = mariadbServer();
const server = 'unavailable' in found ? undefined : found;
const { sql, describe: describeSource, load } = await testReader({ pool: directPool });
const { signal } = new AbortController();

describe.skipIf(server === undefined)(
  `MariaDB ${'unavailable' in found ? found.unavailable : ''}`,
  () => {
    const database = server ?? { host: '', port: 0, user: '', password: '', database: '' };
    const connection: ServerConnection = { kind: 'mysql', ...database, tls: 'prefer' };
    const source = (query: string) => sql(connectionString('mysql+pymysql', database), query);
    const failure = (query: string, wish?: Wish): Promise<{ code: string; message: string }> =>
      load(source(query), wish).then(
        () => expect.unreachable(),
        (error: { code: string; message: string }) => error,
      );
    let admin: Connection;

    beforeAll(async () => {
      admin = await createConnection({ ...database, multipleStatements: true });
      await admin.query(`
      DROP TABLE IF EXISTS src_orders, src_customers, src_documents, src_victim, src_new;
      CREATE TABLE src_customers (id int PRIMARY KEY, name varchar(50), age int);
      CREATE TABLE src_orders (id int PRIMARY KEY, customer_id int, amount decimal(10, 2), name varchar(50), ordered datetime, y tinyint(1));
      CREATE TABLE src_documents (id int, data json);
      CREATE TABLE src_victim (id int);
      INSERT INTO src_customers VALUES (1, 'Ada', 36), (2, 'Bob', 41);
      INSERT INTO src_orders WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)
        SELECT i, i % 2 + 1, i * 10.5, CONCAT('n', i), NOW() - INTERVAL i DAY, i % 2 FROM n;
      INSERT INTO src_documents VALUES (1, '{"a": 1, "b": "x"}');
      INSERT INTO src_victim VALUES (1), (2);`);
    });
    afterAll(() => admin.end());

    /** Rows 1 to \`count\` as table n(i). */
    const numbers = (count: number, select: string) =>
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count}) SELECT ${select} FROM n`;

    const sessions = async () => {
      const [rows] = await admin.query(
        'SELECT count(*) AS n FROM information_schema.processlist WHERE info LIKE ? AND id <> CONNECTION_ID()',
        ['%src_session_mark%'],
      );
      return Number((rows as { n: number }[])[0]?.n);
    };

    describe('queries that are honest', () => {
      it.each(HONEST_MYSQL)('run: %s', async (query) => {
        const context = { signal, scratch: '', limits: LIMITS, onProgress: () => undefined };
        const selection = { task: 'tabular', target: 'y', features: undefined } as const;
        const columns = await describeMysql({
          connection,
          address: database.host,
          query,
          selection,
          context,
        });
        expect(columns.length).toBeGreaterThan(0);
        const [rows] = await admin.query(
          checkMysqlQuery(query.replace('demo.', `${database.database}.`)),
        );
        expect((rows as unknown[]).length).toBeGreaterThan(0);
      });
    });

    describe('queries that are not', () => {
      it('change nothing even with the check of their text switched off', async () => {
        for (const query of REFUSED_MYSQL.filter((text) => !/sleep|benchmark|lock/i.test(text))) {
          await inReadOnlyTransaction(
            { connection, address: database.host, signal, timeoutSeconds: 3 },
            (session) =>
              new Promise((resolve, reject) => {
                session.execute(query, (error, rows) => (error ? reject(error) : resolve(rows)));
              }),
          ).catch(() => undefined);
        }
        const [rows] = await admin.query('SELECT id FROM src_victim ORDER BY id');
        expect(rows).toEqual([{ id: 1 }, { id: 2 }]);
        expect(existsSync('/tmp/src_owned')).toBe(false);
      });

      it('are refused before a connection is made', async () => {
        const nowhere = sql('mysql://u:p@127.0.0.1:1/d', 'DELETE FROM src_victim');
        await expect(load(nowhere)).rejects.toMatchObject({ code: 'QUERY_NOT_ALLOWED' });
      });

      it('read texts as the check did, whatever mode the server is set to', async () => {
        await inReadOnlyTransaction(
          { connection, address: database.host, signal, timeoutSeconds: 3 },
          async (session) => {
            const [[mode]] = (await session
              .promise()
              .query('SELECT @@SESSION.sql_mode AS mode')) as unknown as [[{ mode: string }]];
            expect(mode?.mode).not.toMatch(/ANSI|NO_BACKSLASH|IGNORE_SPACE|PIPES/);
          },
        );
        const { labels } = await load(
          source(numbers(4, `i AS a, IF(i % 2, 'a\\' OR SLEEP(9) -- ', "b") AS y`)),
        );
        expect(labels).toEqual(["a' OR SLEEP(9) -- ", 'b', "a' OR SLEEP(9) -- ", 'b']);
      });
    });

    describe('loading', () => {
      it('describes a query without running it', async () => {
        const described = await describeSource(
          source(
            'SELECT amount, name, SLEEP IS NULL AS s, y FROM (SELECT *, 1 AS SLEEP FROM src_orders) q',
          ),
        );
        expect(described.columns).toEqual([
          { name: 'amount', type: 'decimal' },
          { name: 'name', type: 'varchar' },
          { name: 's', type: 'int' },
          { name: 'y', type: 'tinyint' },
        ]);
      });

      it('reads every numeric type as doubles, in the order of the query', async () => {
        const { rows, labels } = await load(
          source(
            `${numbers(6, 'CAST(-i AS SIGNED) AS a, 9007199254740993 AS b, i / 3e0 AS c, CAST(i AS DECIMAL(20, 10)) / 3 AS d, i % 2 = 0 AS e, i % 3 AS y')} ORDER BY i DESC # last`,
          ),
        );
        expect(rows[0]).toEqual([-6, 9007199254740992, 2, 2, 1]);
        expect(rows[1]?.[2]).toBe(5 / 3);
        expect(rows.map(([a]) => a)).toEqual([-6, -5, -4, -3, -2, -1]);
        expect(labels).toEqual([0, 2, 1, 0, 2, 1]);
      });

      it.each([
        ['int', 'i % 2', [0, 1]],
        ['int', 'CAST(i % 2 AS DECIMAL(5, 0))', [0, 1]],
        ['float', '(i % 2) * 1e0', [0, 1]],
        ['string', "IF(i % 2 = 0, 'zwei', 'Ä')", ['zwei', 'Ä']],
        ['string', "DATE('2020-01-01') + INTERVAL i % 2 DAY", ['2020-01-01', '2020-01-02']],
      ])('reads %s labels of %s', async (type, expression, expected) => {
        const { meta } = await load(source(numbers(8, `i AS a, ${expression} AS y`)));
        expect(meta).toMatchObject({ labelType: type, labels: expected });
      });

      it('reads texts', async () => {
        const { texts } = await load(source(numbers(900, "CONCAT('zwölf ', i) AS t, i % 2 AS y")), {
          task: 'text',
        });
        expect(texts[899]).toBe('zwölf 900');
      });

      it('keeps all rows and their order over many blocks', async () => {
        const cross = `SELECT a.i * 1000 + b.i AS a, (a.i * 1000 + b.i) / 7e0 AS b, b.i % 3 AS y
        FROM seq_a a JOIN seq_b b ORDER BY a.i, b.i`;
        const query = `WITH RECURSIVE seq_a (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM seq_a WHERE i < 199),
        seq_b (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM seq_b WHERE i < 999) ${cross}`;
        const { rows, loaded } = await load(source(query));
        expect(loaded.rows).toBe(200_000);
        expect(rows.every(([a, b], i) => a === i && b === i / 7)).toBe(true);
      });

      it.each([
        ['NULLIF(i, 3) AS a, i % 2 AS y', 'MISSING_VALUES', /“a” \(row 3\)/],
        ['i AS a, NULLIF(i % 2, 1) AS y', 'MISSING_VALUES', /“y” \(rows 1, 3, 5/],
        [
          "'x' AS a, NOW() AS b, i % 2 AS y",
          'COLUMN_NOT_NUMERIC',
          /“a” \(varchar\), “b” \(datetime\)/,
        ],
        ['i AS a, i AS a, i % 2 AS y', 'QUERY_FAILED', /“a”/],
        ['i AS a, 1 AS y', 'ONE_CLASS', /same label/],
        ['EXP(1000) AS a, i % 2 AS y', 'VALUE_OUT_OF_RANGE', /too large/],
      ])('answers %s with %s', async (select, code, message) => {
        expect(await failure(numbers(6, select))).toMatchObject({
          code,
          message: expect.stringMatching(message) as string,
        });
      });

      it.each([
        ['SELECT a, y FROM src_nowhere', /the table “src_nowhere”/],
        ['SELECT wrong, y FROM src_orders', /the column “wrong”/],
        [
          'SELECT amount, y\n/* so far\nso good */ FROM FROM src_orders',
          /syntax error in line 3, column 17/,
        ],
      ])('says what is wrong with %j', async (query, message) => {
        expect(await failure(query)).toMatchObject({
          code: 'QUERY_FAILED',
          message: expect.stringMatching(message) as string,
        });
      });

      it('stops at the row limit', async () => {
        expect(
          await failure(numbers(900, 'i AS a, i % 2 AS y'), { limits: { maxRows: 899 } }),
        ).toMatchObject({ code: 'ROW_LIMIT' });
      });
    });

    describe('the connection', () => {
      const endless = `SELECT /* src_session_mark */ COUNT(*) AS a, 'src_session_mark' AS y FROM ${['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((alias) => `src_orders ${alias}`).join(' JOIN ')}`;

      it('ends a query whose time is over, on the server too', async () => {
        expect(await failure(endless, { limits: { queryTimeoutSeconds: 1 } })).toMatchObject({
          code: 'QUERY_TIMEOUT',
        });
        await vi.waitFor(async () => expect(await sessions()).toBe(0), 10_000);
      });

      it('ends a query that is cancelled, on the server too', async () => {
        const controller = new AbortController();
        const running = load(source(endless), { signal: controller.signal });
        running.catch(() => undefined);
        await vi.waitFor(async () => expect(await sessions()).toBe(1), 10_000);
        controller.abort(new Error('cancelled'));
        await expect(running).rejects.toThrow('cancelled');
        await vi.waitFor(async () => expect(await sessions()).toBe(0), 10_000);
      });

      it.each([
        ['a wrong password', { password: 'wrong' }, 'DATABASE_LOGIN_FAILED'],
        ['an unknown user', { user: 'nobody_here' }, 'DATABASE_LOGIN_FAILED'],
        ['an unknown database', { database: 'nothing_here' }, 'CONNECTION_NOT_FOUND'],
        ['a closed port', { port: 1 }, 'DATABASE_UNAVAILABLE'],
        ['an unknown host', { host: 'no-such-host.invalid' }, 'DATABASE_UNAVAILABLE'],
      ])('answers %s with a code', async (_, change, code) => {
        const text = connectionString('mysql', { ...database, ...change });
        await expect(load(sql(text, 'SELECT 1 AS a, 2 AS y'))).rejects.toMatchObject({ code });
      });

      it('that breaks in the middle is an outage', async () => {
        const relay = await startRelay(database);
        const text = connectionString('mariadb', {
          ...database,
          host: '127.0.0.1',
          port: relay.port,
        });
        const cross =
          'SELECT a.id AS a, b.y FROM src_orders a JOIN src_orders b JOIN src_orders c JOIN src_orders d JOIN src_orders e';
        const running = load(sql(text, cross));
        running.catch(() => undefined);
        await vi.waitFor(() => expect(relay.bytes()).toBeGreaterThan(1_000_000), 10_000);
        relay.cut();
        await expect(running).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
        await relay.stop();
      });
    });
  },
);
