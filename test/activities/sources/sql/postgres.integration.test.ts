import { existsSync } from 'node:fs';

import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { describePostgres } from '../../../../activities/sources/sql/postgres/postgres-source.ts';
import { inReadOnlyTransaction } from '../../../../activities/sources/sql/postgres/postgres-session.ts';
import {
  copyOut,
  describeStatement,
} from '../../../../activities/sources/sql/postgres/protocol-queries.ts';
import type { ServerConnection } from '../../../../platform/connections/connection-string.ts';
import { directPool } from '../direct-pool.ts';
import { LIMITS } from '../limits.ts';
import { HONEST_POSTGRES, REFUSED_POSTGRES } from '../queries/postgres.ts';
import { connectionString, postgresServer } from '../servers.ts';
import { startRelay } from '../../../support/tcp-relay.ts';
import { testReader, type Wish } from '../test-reader.ts';

const server = postgresServer();
const connection: ServerConnection = { kind: 'postgresql', ...server, tls: 'prefer' };
const { sql, describe: describeSource, load } = await testReader({ pool: directPool });
const admin = new Client({ ...server });
const { signal } = new AbortController();

const source = (query: string) => sql(connectionString('postgresql+psycopg', server), query);
const failure = (query: string, wish?: Wish): Promise<{ code: string; message: string }> =>
  load(source(query), wish).then(
    () => expect.unreachable(),
    (error: { code: string; message: string }) => error,
  );

beforeAll(async () => {
  await admin.connect();
  await admin.query(`
    DROP TABLE IF EXISTS src_orders, src_customers, src_documents, src_victim, src_types;
    DROP TYPE IF EXISTS src_mood;
    CREATE TYPE src_mood AS ENUM ('sad', 'glad');
    CREATE TABLE src_customers (id int PRIMARY KEY, name text, age int);
    CREATE TABLE src_orders (id int PRIMARY KEY, customer_id int, amount numeric(10, 2), name text, ordered timestamptz, y int);
    CREATE TABLE src_documents (id int, data jsonb);
    CREATE TABLE src_victim (id int);
    INSERT INTO src_customers VALUES (1, 'Ada', 36), (2, 'Bob', 41);
    INSERT INTO src_orders SELECT i, i % 2 + 1, i * 10.5, 'n' || i, now() - i * interval '1 day', i % 2 FROM generate_series(1, 20) i;
    INSERT INTO src_documents VALUES (1, '{"k": "v", "n": 5, "list": [1, 2]}');
    INSERT INTO src_victim VALUES (1), (2);`);
});
afterAll(() => admin.end());

/** Sessions of ours that the server still has. */
const sessions = async () =>
  (
    await admin.query<{ count: string }>(
      `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'durable-experiments' AND query LIKE '%src_session_mark%'`,
    )
  ).rows[0]?.count;

describe('queries that are honest', () => {
  it.each(HONEST_POSTGRES)('run: %s', async (query) => {
    const context = { signal, scratch: '', limits: LIMITS, onProgress: () => undefined };
    const selection = { task: 'tabular', target: 'y', features: undefined } as const;
    const request = { connection, address: server.host, query, selection, context };
    const columns = await describePostgres(request);
    expect(columns.length).toBeGreaterThan(0);
    expect(columns.every(({ type }) => type !== 'unknown')).toBe(true);
    const target = { connection, address: server.host, signal, timeoutSeconds: 10 };
    let bytes = 0;
    await inReadOnlyTransaction(target, (client) =>
      copyOut(
        client,
        `COPY (${query.replace(/;\s*$/, '')}\n) TO STDOUT`,
        (chunk) => void (bytes += chunk.length),
      ),
    );
    expect(bytes).toBeGreaterThan(0);
  });
});

describe('queries that are not', () => {
  it('change nothing even with the check of their text switched off', async () => {
    const slow = /pg_sleep|advisory_lock/;
    for (const query of REFUSED_POSTGRES.filter((text) => !slow.test(text))) {
      const target = { connection, address: server.host, signal, timeoutSeconds: 3 };
      for (const sent of [
        query,
        `COPY (SELECT * FROM (\n${query}\n) AS q) TO STDOUT (FORMAT binary)`,
      ]) {
        await inReadOnlyTransaction(target, async (client) => {
          await describeStatement(client, sent);
          await copyOut(client, sent, () => undefined);
        }).catch(() => undefined);
      }
    }
    const { rows } = await admin.query('SELECT id FROM src_victim ORDER BY id');
    expect(rows).toEqual([{ id: 1 }, { id: 2 }]);
    const { rows: made } = await admin.query("SELECT 1 FROM pg_class WHERE relname = 'src_new'");
    expect(made).toEqual([]);
    expect(existsSync('/tmp/owned')).toBe(false);
  });

  it('are refused before a connection is made', async () => {
    const nowhere = sql('postgresql://u:p@127.0.0.1:1/d', 'DELETE FROM src_victim');
    await expect(load(nowhere)).rejects.toMatchObject({ code: 'QUERY_NOT_ALLOWED' });
    await expect(describeSource(nowhere)).rejects.toMatchObject({ code: 'QUERY_NOT_ALLOWED' });
  });
});

describe('loading', () => {
  it('describes a query without running it', async () => {
    const described = await describeSource(source('SELECT 1 / 0 AS a, amount, y FROM src_orders'));
    expect(described).toEqual({
      columns: [
        { name: 'a', type: 'integer' },
        { name: 'amount', type: 'numeric' },
        { name: 'y', type: 'integer' },
      ],
      features: ['a', 'amount'],
      display: 'a connection',
    });
  });

  it('reads every numeric type as doubles, in the order of the query', async () => {
    const { rows, labels } = await load(
      source(`SELECT (-i)::int2 AS a, i::int4 AS b, 9007199254740993::int8 AS c, (i / 3.0)::float4 AS d, i / 3.0::float8 AS e,
        1234567890.123456789::numeric AS f, i % 2 = 0 AS g, i % 3 AS y FROM generate_series(1, 6) i ORDER BY i DESC -- last`),
    );
    expect(rows[0]).toEqual([-6, 6, 9007199254740992, 2, 2, 1234567890.1234567, 1]);
    expect(rows.map(([, b]) => b)).toEqual([6, 5, 4, 3, 2, 1]);
    expect(rows[4]?.[4]).toBe(2 / 3);
    expect(labels).toEqual([0, 2, 1, 0, 2, 1]);
  });

  it.each([
    ['int', 'i % 2', [0, 1]],
    ['int', '(i % 2)::bigint', [0, 1]],
    ['int', '(i % 2)::numeric', [0, 1]],
    ['float', '(i % 2)::float8', [0, 1]],
    ['bool', 'i % 2 = 0', [false, true]],
    ['string', "CASE WHEN i % 2 = 0 THEN 'zwei' ELSE 'Ä' END", ['zwei', 'Ä']],
    ['string', "(CASE WHEN i % 2 = 0 THEN 'x' ELSE 'y' END)::char(5)", ['x', 'y']],
    ['string', "date '2020-01-01' + i % 2", ['2020-01-01', '2020-01-02']],
    [
      'string',
      "('00000000-0000-0000-0000-00000000000' || i % 2)::uuid",
      ['00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000001'],
    ],
  ])('reads %s labels of %s', async (type, expression, expected) => {
    const { meta } = await load(
      source(`SELECT i AS a, ${expression} AS y FROM generate_series(1, 8) i`),
    );
    expect(meta).toMatchObject({ labelType: type, labels: expected });
  });

  it('reads labels of a type of the users’ own', async () => {
    await admin.query(
      `CREATE TABLE src_types AS SELECT i AS a, (ARRAY['sad', 'glad'])[i % 2 + 1]::src_mood AS y FROM generate_series(1, 6) i`,
    );
    expect(await describeSource(source('SELECT * FROM src_types'))).toMatchObject({
      columns: [{ name: 'a' }, { name: 'y', type: 'src_mood' }],
    });
    const { meta } = await load(source('SELECT * FROM src_types'));
    expect(meta.labels).toEqual(['glad', 'sad']);
  });

  it('reads texts', async () => {
    const { texts, labels } = await load(
      source(
        `SELECT 'line one' || chr(10) || 'zwölf ' || i AS t, i % 2 AS y FROM generate_series(1, 3000) i`,
      ),
      { task: 'text' },
    );
    expect(texts[2999]).toBe('line one\nzwölf 3000');
    expect(labels.slice(0, 3)).toEqual([1, 0, 1]);
  });

  it('keeps strange column names apart', async () => {
    const { rows, meta } = await load(
      source(
        'SELECT 1 AS "a""b", 2 AS "q.""x", 3 AS "); DROP TABLE src_victim; --", i % 2 AS y FROM generate_series(1, 4) i;',
      ),
    );
    expect(meta.features).toEqual(['a"b', 'q."x', '); DROP TABLE src_victim; --']);
    expect(rows[0]).toEqual([1, 2, 3]);
  });

  it('keeps all rows and their order over many blocks', async () => {
    const { rows, labels, loaded } = await load(
      source(
        'SELECT i AS a, i / 7.0::float8 AS b, i % 3 AS y FROM generate_series(1, 400000) i ORDER BY i',
      ),
    );
    expect(loaded.rows).toBe(400_000);
    expect(
      rows.every(([a, b], i) => a === i + 1 && b === (i + 1) / 7 && labels[i] === (i + 1) % 3),
    ).toBe(true);
  });

  it.each([
    ['SELECT nullif(i, 3) AS a, i % 2 AS y', 'MISSING_VALUES', /“a” \(row 3\)/],
    ['SELECT i AS a, nullif(i % 2, 1) AS y', 'MISSING_VALUES', /“y” \(rows 1, 3, 5/],
    ["SELECT 'NaN'::float8 AS a, i % 2 AS y", 'VALUE_OUT_OF_RANGE', /“a”/],
    [
      "SELECT CASE i WHEN 2 THEN 'Infinity'::float8 ELSE 1 END AS a, i % 2 AS y",
      'VALUE_OUT_OF_RANGE',
      /“a” \(row 2\)/,
    ],
    ['SELECT 10::numeric ^ 400 AS a, i % 2 AS y', 'VALUE_OUT_OF_RANGE', /too large/],
    [
      "SELECT 'x' AS a, now() AS b, ARRAY[1] AS c, i % 2 AS y",
      'COLUMN_NOT_NUMERIC',
      /“a” \(text\), “b” \(timestamp with time zone\), “c” \(integer\[\]\)/,
    ],
    ["SELECT i AS a, '{}'::jsonb AS y", 'MIXED_LABELS', /jsonb/],
    ['SELECT i AS a, i AS a, i % 2 AS y', 'QUERY_FAILED', /“a”/],
    ['SELECT i AS a, i % 2 AS z', 'COLUMN_NOT_FOUND', /“y”/],
    ['SELECT i AS a, 1 AS y', 'ONE_CLASS', /same label/],
    ["SELECT i AS a, repeat('x', 2000) AS y", 'BYTE_LIMIT', /label/],
    ['SELECT 1 / (i - 3) AS a, i % 2 AS y', 'QUERY_FAILED', /could not be computed/],
    ['SELECT lower(i) AS a, i % 2 AS y', 'QUERY_FAILED', /does not take these arguments/],
  ])('answers %s with %s', async (query, code, message) => {
    const error = await failure(`${query} FROM generate_series(1, 6) i`);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) as string });
  });

  it.each([
    ['SELECT a, y FROM src_orders JOIN src_nowhere USING (id)', /the table “src_nowhere”/],
    ['SELECT wrong, y FROM src_orders', /the column “wrong”/],
    ['SELECT amount, y\nFROM src_orders\nWHERE', /syntax error in line 3/],
  ])('says what is wrong with %j', async (query, message) => {
    expect(await failure(query)).toMatchObject({
      code: 'QUERY_FAILED',
      message: expect.stringMatching(message) as string,
    });
  });

  it('stops at the limits of rows and bytes', async () => {
    const query = 'SELECT i AS a, i % 2 AS y FROM generate_series(1, 5000000) i';
    expect(await failure(query, { limits: { maxRows: 1000 } })).toMatchObject({
      code: 'ROW_LIMIT',
    });
    expect(await failure(query, { limits: { maxBytes: 1e6 } })).toMatchObject({
      code: 'BYTE_LIMIT',
    });
    const exact = 'SELECT i AS a, i % 2 AS y FROM generate_series(1, 1000) i';
    expect((await load(source(exact), { limits: { maxRows: 1000 } })).loaded.rows).toBe(1000);
  });
});

describe('the connection', () => {
  const endless =
    'SELECT count(*) AS a, 1 AS y FROM generate_series(1, 1000000000) AS src_session_mark(i), generate_series(1, 1000) AS j(j)';

  it('ends a query whose time is over, on the server too', async () => {
    expect(await failure(endless, { limits: { queryTimeoutSeconds: 1 } })).toMatchObject({
      code: 'QUERY_TIMEOUT',
    });
    await vi.waitFor(async () => expect(await sessions()).toBe('0'), 10_000);
  });

  it('ends a query that is cancelled, on the server too', async () => {
    const controller = new AbortController();
    const running = load(source(endless), { signal: controller.signal });
    running.catch(() => undefined);
    await vi.waitFor(async () => expect(await sessions()).toBe('1'), 10_000);
    controller.abort(new Error('cancelled'));
    await expect(running).rejects.toThrow('cancelled');
    await vi.waitFor(async () => expect(await sessions()).toBe('0'), 10_000);
  });

  it.each([
    ['a wrong password', { password: 'wrong' }, 'DATABASE_LOGIN_FAILED'],
    ['an unknown user', { user: 'nobody_here' }, 'DATABASE_LOGIN_FAILED'],
    ['an unknown database', { database: 'nothing_here' }, 'CONNECTION_NOT_FOUND'],
    ['a closed port', { port: 1 }, 'DATABASE_UNAVAILABLE'],
    ['an unknown host', { host: 'no-such-host.invalid' }, 'DATABASE_UNAVAILABLE'],
  ])('answers %s with a code', async (_, change, code) => {
    const text = connectionString('postgresql', { ...server, ...change });
    await expect(load(sql(text, 'SELECT 1 AS a, 2 AS y'))).rejects.toMatchObject({ code });
  });

  it('says so when encryption is asked for and there is none', async () => {
    const text = `${connectionString('postgresql', server)}?sslmode=require`;
    await expect(load(sql(text, 'SELECT 1 AS a, 2 AS y'))).rejects.toMatchObject({
      code: 'DATABASE_LOGIN_FAILED',
    });
  });

  it('that breaks in the middle is an outage, and leaves nothing half read', async () => {
    const relay = await startRelay(server);
    const text = connectionString('postgresql', { ...server, host: '127.0.0.1', port: relay.port });
    const query = 'SELECT i AS a, i % 2 AS y FROM generate_series(1, 5000000) i';
    const running = load(sql(text, query));
    running.catch(() => undefined);
    await vi.waitFor(() => expect(relay.bytes()).toBeGreaterThan(1_000_000), 10_000);
    relay.cut();
    await expect(running).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await relay.stop();
  });
});
