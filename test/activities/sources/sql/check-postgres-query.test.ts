import { describe, expect, it } from 'vitest';
import fc from 'fast-check';

import { checkPostgresQuery } from '../../../../activities/sources/sql/postgres/check-postgres-query.ts';
import { HONEST_POSTGRES, REFUSED_POSTGRES } from '../queries/postgres.ts';

describe('checkPostgresQuery', () => {
  it.each(HONEST_POSTGRES)('lets pass: %s', async (query) => {
    const { sql } = await checkPostgresQuery(query);
    expect(query).toContain(sql);
    expect(sql).not.toMatch(/;\s*$/);
  });

  it.each(REFUSED_POSTGRES)('refuses: %s', async (query) => {
    await expect(checkPostgresQuery(query)).rejects.toMatchObject({ code: 'QUERY_NOT_ALLOWED' });
  });

  it('finds a forbidden call wherever it stands', async () => {
    const bad = "pg_read_file('/etc/passwd')";
    const wrappers: ((expression: string) => string)[] = [
      (e) => `(${e})`,
      (e) => `lower(${e})`,
      (e) => `CASE WHEN true THEN ${e} ELSE 'x' END`,
      (e) => `coalesce(NULL, ${e})`,
      (e) => `(SELECT ${e})`,
      (e) => `(ARRAY[${e}])[1]`,
      (e) => `(${e} || 'x')`,
      (e) => `(${e})::text`,
      (e) => `(SELECT max(${e}) FILTER (WHERE ${e} IS NOT NULL) OVER (ORDER BY ${e}) FROM t)`,
      (e) =>
        `(SELECT q.a FROM (SELECT ${e} AS a) q WHERE ${e} LIKE 'r%' GROUP BY ${e}, q.a HAVING ${e} = 'x' LIMIT 1)`,
      (e) => `(WITH w AS (SELECT ${e} AS a) SELECT a FROM w)`,
      (e) => `(SELECT a FROM (VALUES (${e})) v(a))`,
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...wrappers), { maxLength: 4 }), async (chosen) => {
        const wrapped = (inner: string) => chosen.reduce((e, wrap) => wrap(e), inner);
        await expect(checkPostgresQuery(`SELECT ${wrapped(bad)}`)).rejects.toMatchObject({
          message: expect.stringContaining('pg_read_file') as string,
        });
        await expect(checkPostgresQuery(`SELECT ${wrapped("'fine'")}`)).resolves.toBeDefined();
      }),
      { numRuns: 60 },
    );
  });

  it('says what it refuses in words of its own', async () => {
    const message = async (query: string) =>
      checkPostgresQuery(query).then(
        () => '',
        (error: Error) => error.message,
      );
    expect(await message('SELECT 1; SELECT 2')).toContain('more than one statement');
    expect(await message('SELECT * FROM t FOR UPDATE')).toContain('locks rows');
    expect(await message('SELECT * INTO x FROM t')).toContain('INTO');
    expect(await message('WITH d AS (DELETE FROM t RETURNING 1) SELECT 1')).toContain('WITH');
    expect(await message('SELECT pg_sleep(1)')).toContain('“pg_sleep”');
    expect(await message('SELECT * FROM pg_authid')).toContain('“pg_authid”');
  });

  it('places a syntax error by line and column', async () => {
    await expect(checkPostgresQuery('SELECT a\nFROM WHERE')).rejects.toMatchObject({
      code: 'QUERY_FAILED',
      message: 'The query has a syntax error in line 2, column 6.',
    });
  });

  it('refuses what is nested too deeply, instead of failing on it', async () => {
    for (const query of [
      'SELECT ' + '('.repeat(20_000) + '1',
      'SELECT ' + 'NOT '.repeat(10_000) + 'true',
      'SELECT ' + '1+'.repeat(30_000) + '1',
    ]) {
      await expect(checkPostgresQuery(query)).rejects.toMatchObject({ name: 'Failure' });
    }
    await expect(checkPostgresQuery('SELECT 1')).resolves.toBeDefined();
  });

  it('names the tables and cuts the statement out of its surroundings', async () => {
    const checked = await checkPostgresQuery(
      '/* é */ SELECT a FROM s.t JOIN "U x" USING (a) ; -- end',
    );
    expect(checked.tables.map(({ name }) => name)).toEqual(['t', 'U x']);
    expect(checked.sql.trim()).toBe('SELECT a FROM s.t JOIN "U x" USING (a)');
  });
});
