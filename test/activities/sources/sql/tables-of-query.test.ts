import { describe, expect, it } from 'vitest';

import { allowedTables } from '../../../../activities/sources/sql/allowed-tables.ts';
import { checkMysqlQuery } from '../../../../activities/sources/sql/mysql/check-mysql-query.ts';
import { checkPostgresQuery } from '../../../../activities/sources/sql/postgres/check-postgres-query.ts';

const named = async (query: string) =>
  (await checkPostgresQuery(query)).read.map(({ schema, name }) =>
    schema ? `${schema}.${name}` : name,
  );

describe('the tables of a PostgreSQL query', () => {
  it.each([
    ['WITH a AS (SELECT * FROM t) SELECT * FROM a', ['t']],
    ['WITH a AS (SELECT * FROM a) SELECT * FROM a', ['a']],
    ['WITH RECURSIVE a AS (SELECT 1 UNION SELECT * FROM a) SELECT * FROM a', []],
    ['WITH x AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM x, b', ['b']],
    ['WITH RECURSIVE x AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM x', []],
    ['WITH a AS (SELECT 1) SELECT * FROM public.a', ['public.a']],
    ['SELECT * FROM (WITH a AS (SELECT 1) TABLE a) q, a', ['a']],
    ['(WITH a AS (SELECT 1) TABLE a) UNION TABLE a', ['a']],
    [
      'WITH a AS (SELECT 1) SELECT (SELECT max(x) FROM (TABLE a UNION TABLE b) q) FROM a JOIN c ON EXISTS (TABLE d)',
      ['b', 'c', 'd'],
    ],
    ['WITH "A" AS (SELECT 1) SELECT * FROM a', ['a']],
  ])('%s', async (query, tables) => {
    expect((await named(query)).toSorted()).toEqual(tables);
  });
});

describe('the tables of a MySQL query', () => {
  const allowed = allowedTables(['train', 'other.shared'], 'shop');

  it.each([
    'SELECT * FROM train',
    'SELECT * FROM `train` t, other.shared AS s WHERE t.id IN (1, 2)',
    'SELECT * FROM shop.train t LEFT JOIN (SELECT id FROM other.shared) s USING (id, x)',
    'SELECT EXTRACT(YEAR FROM d), TRIM(BOTH x FROM y), SUBSTRING(a FROM 2 FOR 3) FROM train ORDER BY a, b LIMIT 1, 2',
    'WITH a AS (SELECT * FROM train), b (x, y) AS (SELECT 1, 2 FROM a) SELECT * FROM a, b',
    'WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT * FROM n',
    'SELECT a, SUM(b) OVER w FROM train WINDOW w AS (ORDER BY a), v AS (ORDER BY b)',
    '(SELECT a FROM train) UNION ALL (SELECT a FROM (train JOIN other.shared s ON 1))',
    'SELECT (SELECT MAX(a) FROM train x WHERE x.a = t.a), 1 FROM train t GROUP BY t.a, t.b WITH ROLLUP',
    'SELECT 1 FROM DUAL',
    'SELECT * FROM train USE INDEX FOR ORDER BY (a) WHERE a IN (1, 2) ORDER BY a, b',
  ])('may be %s', (query) => {
    expect(() => checkMysqlQuery(query, allowed)).not.toThrow();
  });

  it.each([
    'SELECT * FROM secret',
    'SELECT * FROM shared',
    'SELECT * FROM other.train',
    'SELECT * FROM train, secret',
    'SELECT * FROM train t, `secret`',
    'SELECT * FROM train minus, secret',
    'SELECT * FROM train offset, secret',
    'SELECT * FROM train window, secret',
    'SELECT * FROM train except, secret',
    'SELECT * FROM (train, secret)',
    'SELECT * FROM ((train JOIN secret))',
    'SELECT * FROM train JOIN secret ON 1',
    'SELECT * FROM train STRAIGHT_JOIN secret',
    'SELECT * FROM train NATURAL LEFT OUTER JOIN secret',
    'SELECT STRAIGHT_JOIN 1 FROM secret',
    'SELECT * FROM train WHERE a IN (SELECT a FROM secret)',
    'SELECT * FROM train ORDER BY (SELECT a FROM secret)',
    'SELECT * FROM train UNION SELECT * FROM secret',
    'SELECT * FROM train UNION TABLE secret',
    'SELECT * FROM train UNION (TABLE secret)',
    'SELECT * FROM lateral train',
    'SELECT * FROM .secret',
    'SELECT * FROM shop .secret',
    'SELECT 1.FROM secret',
    'SELECT 1e1FROM secret',
    'SELECT * FROM 1secret',
    'SELECT * FROM shop.1secret',
    'WITH secret AS (SELECT * FROM secret) SELECT * FROM secret',
    'WITH x AS (SELECT * FROM secret), secret AS (SELECT 1) SELECT * FROM x',
    '(WITH secret AS (SELECT 1) SELECT * FROM secret) UNION SELECT * FROM secret',
    'SELECT * FROM (WITH secret AS (SELECT 1) SELECT * FROM secret) q, secret',
    'WITH Secret AS (SELECT 1) SELECT * FROM secret',
    'SELECT * FROM train USE INDEX (a), secret',
    'SELECT * FROM train USE INDEX FOR ORDER BY (a), secret',
    'SELECT * FROM train IGNORE INDEX FOR GROUP BY (a), secret',
    'SELECT * FROM train FORCE INDEX FOR ORDER BY (a) JOIN train b, secret',
    'WITH RECURSIVE a (x, secret) AS (SELECT 1, 2 UNION SELECT x, secret FROM a) CYCLE x, secret RESTRICT SELECT * FROM secret',
    'SELECT * FROM train PARTITION (p0), secret',
    'SELECT COUNT((SELECT 1 FROM secret)) FROM train',
  ])('may not be %s', (query) => {
    expect(() => checkMysqlQuery(query, allowed)).toThrowError(
      expect.objectContaining({ code: 'QUERY_NOT_ALLOWED' }) as Error,
    );
  });
});
