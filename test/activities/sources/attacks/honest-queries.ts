import { expect, it } from 'vitest';

import type { ResolvedConnection } from '../../../../activities/sources/connections.ts';
import { directPool } from '../direct-pool.ts';
import { testReader } from '../test-reader.ts';

/** A query as analysts write them, with the rows of its features and its labels. */
type Honest = readonly [query: string, rows: number[][], labels: (number | string)[]];

const ODD = [1, 0, 1, 0];
const column = (...values: number[]): number[][] => values.map((value) => [value]);

/** Over orders 1 to 20 (amount 10.5 each, y odd), two customers (ages 36, 41), the view big_orders; in any dialect. */
const COMMON: readonly Honest[] = [
  [
    'WITH few AS (SELECT * FROM orders WHERE id <= 4) SELECT id AS a, y FROM few ORDER BY id',
    column(1, 2, 3, 4),
    ODD,
  ],
  [
    'SELECT id AS a, SUM(id) OVER (PARTITION BY y ORDER BY id) AS b, y FROM orders WHERE id <= 4 ORDER BY id',
    [
      [1, 1],
      [2, 2],
      [3, 4],
      [4, 6],
    ],
    ODD,
  ],
  [
    'SELECT o.id AS a, c.age AS b, o.y FROM orders o JOIN customers AS c ON c.id = o.customer_id WHERE o.id <= 4 ORDER BY o.id',
    [
      [1, 41],
      [2, 36],
      [3, 41],
      [4, 36],
    ],
    ODD,
  ],
  [
    'SELECT o.id AS a, o.y FROM orders o LEFT JOIN customers c ON c.id = o.customer_id WHERE EXISTS (SELECT 1 FROM customers x WHERE x.id = c.id AND x.age > 40) OR o.id IN (2, 4) ORDER BY o.id LIMIT 4',
    column(1, 2, 3, 4),
    ODD,
  ],
  [
    "SELECT id / 2.0 AS a, CASE WHEN id % 2 = 1 THEN 'odd; --' ELSE 'even /*' END AS y FROM orders WHERE id BETWEEN 1 AND 4 ORDER BY id",
    column(0.5, 1, 1.5, 2),
    ['odd; --', 'even /*', 'odd; --', 'even /*'],
  ],
  [
    'SELECT MAX(id) AS a, COUNT(DISTINCT name) AS b, y FROM orders WHERE id <= 4 GROUP BY id, y HAVING COUNT(*) = 1 ORDER BY 1',
    [
      [1, 1],
      [2, 1],
      [3, 1],
      [4, 1],
    ],
    ODD,
  ],
  [
    'SELECT id AS a, y FROM orders WHERE id <= 2 UNION ALL SELECT id + 2, y FROM orders WHERE id <= 2 ORDER BY 1;',
    column(1, 2, 3, 4),
    ODD,
  ],
  [
    'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4) SELECT i AS a, i % 2 AS y FROM n ORDER BY i',
    column(1, 2, 3, 4),
    ODD,
  ],
  [
    'SELECT COALESCE(NULLIF(id, 2), 22) AS a, (SELECT MAX(age) FROM customers) AS b, y FROM orders WHERE id <= 4 ORDER BY id -- the end',
    [
      [1, 41],
      [22, 41],
      [3, 41],
      [4, 41],
    ],
    ODD,
  ],
  [
    'SELECT id AS a, y FROM big_orders /* a view */ WHERE id <= 8 ORDER BY id',
    column(5, 6, 7, 8),
    ODD,
  ],
];

const POSTGRES: readonly Honest[] = [
  [
    `SELECT "o"."id"::float8 AS a, (data->>'n')::int AS b, o.y FROM public.orders AS "o" CROSS JOIN documents d WHERE o.id <= 4 ORDER BY 1`,
    [
      [1, 5],
      [2, 5],
      [3, 5],
      [4, 5],
    ],
    ODD,
  ],
  [
    'SELECT EXTRACT(day FROM ordered) AS a, y FROM orders WHERE id <= 4 ORDER BY id',
    column(30, 29, 28, 27),
    ODD,
  ],
  [
    'SELECT row_number() OVER w AS a, lag(id, 1, 0) OVER w AS b, y FROM orders WHERE id <= 4 WINDOW w AS (ORDER BY id) ORDER BY 1',
    [
      [1, 0],
      [2, 1],
      [3, 2],
      [4, 3],
    ],
    ODD,
  ],
  [
    'SELECT o.id AS a, l.top AS b, o.y FROM orders o, LATERAL (SELECT count(*) FILTER (WHERE x.y = 1) AS top FROM orders x WHERE x.id <= o.id) l WHERE o.id <= 4 ORDER BY o.id',
    [
      [1, 1],
      [2, 1],
      [3, 2],
      [4, 2],
    ],
    ODD,
  ],
];

const MYSQL: readonly Honest[] = [
  [
    "SELECT `o`.`id` AS a, JSON_EXTRACT(d.data, '$.a') + 0 AS b, o.y FROM orders `o` CROSS JOIN documents d WHERE o.id <= 4 ORDER BY 1",
    [
      [1, 1],
      [2, 1],
      [3, 1],
      [4, 1],
    ],
    ODD,
  ],
  [
    'SELECT EXTRACT(DAY FROM ordered) AS a, y FROM orders WHERE id <= 4 ORDER BY id # the end',
    column(30, 29, 28, 27),
    ODD,
  ],
  [
    'SELECT DATEDIFF(ordered, "2026-01-01") AS a, y FROM orders, (SELECT 1 AS one) AS s WHERE id <= 4 ORDER BY id',
    column(29, 28, 27, 26),
    ODD,
  ],
  [
    'SELECT ROW_NUMBER() OVER w AS a, IFNULL(LAG(id) OVER w, 0) AS b, y FROM orders WHERE id <= 4 WINDOW w AS (ORDER BY id) ORDER BY 1',
    [
      [1, 0],
      [2, 1],
      [3, 2],
      [4, 3],
    ],
    ODD,
  ],
];

const SQLITE: readonly Honest[] = [
  [
    `SELECT "o"."id" AS a, d.data ->> '$.n' AS b, o.y FROM main.orders AS "o" CROSS JOIN documents d WHERE o.id <= 4 ORDER BY 1`,
    [
      [1, 5],
      [2, 5],
      [3, 5],
      [4, 5],
    ],
    ODD,
  ],
  [
    "SELECT CAST(strftime('%d', ordered) AS INTEGER) AS a, y FROM orders WHERE id <= 4 ORDER BY id",
    column(30, 29, 28, 27),
    ODD,
  ],
  [
    'SELECT [id] AS a, iif(id > 2, 1, 0) AS b, y FROM orders WHERE id <= 4 ORDER BY id',
    [
      [1, 0],
      [2, 0],
      [3, 1],
      [4, 1],
    ],
    ODD,
  ],
  [
    'SELECT row_number() OVER w AS a, lag(id, 1, 0) OVER w AS b, y FROM orders WHERE id <= 4 WINDOW w AS (ORDER BY id) ORDER BY 1',
    [
      [1, 0],
      [2, 1],
      [3, 2],
      [4, 3],
    ],
    ODD,
  ],
];

/** Loads honest queries as the product does, on a connection that offers its tables and no others. */
export async function honestSuite(
  connection: ResolvedConnection,
  prepare: (root: string) => void = () => undefined,
): Promise<void> {
  const connections = { open: () => Promise.resolve(connection) };
  const { root, load } = await testReader({ connections, pool: directPool });
  prepare(root);
  const own = { postgresql: POSTGRES, mysql: MYSQL, sqlite: SQLITE }[connection.kind];
  it.each([...COMMON, ...own])('passes: %s', async (query, rows, labels) => {
    const loaded = await load({ kind: 'sql', conn: { name: 'shop' }, query, target: 'y' });
    expect(loaded.rows).toEqual(rows);
    expect(loaded.labels).toEqual(labels);
  });
  it.each(HIDDEN)('reads no other table: %s', async (query) => {
    const source = { kind: 'sql', conn: { name: 'shop' }, query, target: 'y' } as const;
    await expect(load(source)).rejects.toMatchObject({
      code: 'QUERY_NOT_ALLOWED',
      message: expect.stringContaining('does not offer') as string,
    });
  });
}

/** Queries that reach for a table beside the offered ones, some under a name that is offered. */
const HIDDEN: readonly string[] = [
  'SELECT 1 AS a, name AS y FROM secret',
  'SELECT id AS a, y FROM orders WHERE EXISTS (SELECT 1 FROM secret)',
  'SELECT id AS a, y FROM orders, secret',
  'SELECT id AS a, y FROM orders UNION ALL SELECT 1, name FROM secret',
  'WITH orders AS (SELECT 1 AS a, name AS y FROM secret) SELECT * FROM orders',
  'WITH big_orders AS (SELECT 1 AS a, name AS y FROM secret) SELECT * FROM big_orders',
  'SELECT a, y FROM (WITH secret AS (SELECT 1 AS a) SELECT * FROM secret) s, (SELECT name AS y FROM secret) t',
  'SELECT (SELECT COUNT(*) FROM secret) AS a, y FROM orders',
  'SELECT id AS a, (SELECT name FROM spying_view) AS y FROM orders',
];
