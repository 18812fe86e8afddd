import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { connectionString } from '../activities/sources/servers.ts';
import { followRuns } from '../support/follow-runs.ts';
import { manyTexts } from '../support/many-texts.ts';
import { startTestService, type TestService } from '../support/test-service.ts';

let service: TestService;
const runs = followRuns(() => service, `limits-${randomUUID()}`);
beforeAll(async () => {
  service = await startTestService();
  const csv = join(service.data, 'texts.csv');
  const lines = TEXTS.map(({ text, label }) => `${text},${label}`);
  await writeFile(csv, `text,label\n${lines.join('\n')}\n`);
  const database = await (await DuckDBInstance.create()).connect();
  await database.run(`COPY (FROM '${csv}') TO '${join(service.data, 'texts.parquet')}'`);
  database.closeSync();
});
afterAll(() => service.stop());

const ROWS = 4000;

/** Texts that have nothing to do with their labels: a training on them goes on for as long as it may. */
const TEXTS = manyTexts(ROWS);
const ENDLESS = { C: 1e9, tol: 1e-12, max_iter: 100_000 };

/** A table of ten rows, as often beside itself as asked for: ten billion rows when it is ten times. */
function digits(times: number, select: string): string {
  const ten = Array.from({ length: 10 }, (_, i) => `SELECT ${i} AS x`).join(' UNION ALL ');
  const tables = Array.from({ length: times }, (_, i) => `(${ten}) AS t${i}`).join(' CROSS JOIN ');
  return `SELECT ${select} FROM ${tables}`;
}

interface Kind {
  /** Of {@link ROWS} rows. */
  readonly source: object;
  /** A request of this kind that takes far longer than a second. */
  readonly endless: object;
}

const file = (path: string, format: string): Kind => {
  const source = { kind: 'file', path, format, target: 'label' };
  const request = { source: { ...source, features: ['text'] }, model: 'logreg_text' };
  return { source, endless: { ...request, params: ENDLESS } };
};
const sql = (conn: string): Kind => {
  const source = { kind: 'sql', conn, target: 'y' };
  const query = digits(4, 't0.x AS a, t1.x AS b, t2.x % 2 AS y');
  const endless = digits(10, 'SUM(t0.x * t9.x) AS a, 1 AS y');
  return {
    source: { ...source, query: `${query} LIMIT ${ROWS}` },
    endless: { source: { ...source, query: endless } },
  };
};

const inline = { kind: 'inline', records: TEXTS };
const mariadb = inject('mariadb');
const KINDS: [string, Kind][] = [
  ['CSV', file('texts.csv', 'csv')],
  ['Parquet', file('texts.parquet', 'parquet')],
  ['inline records', { source: inline, endless: { source: inline, params: ENDLESS } }],
  ['SQLite', sql('sqlite:///demo.sqlite')],
  ['PostgreSQL', sql(connectionString('postgresql', inject('postgres')))],
  ...('unavailable' in mariadb
    ? []
    : ([['MariaDB', sql(connectionString('mysql', mariadb))]] as [string, Kind][])),
];

async function failureOf(request: object) {
  const { failure, workflow } = await runs.ended(await runs.start(request));
  return { ...failure, status: workflow.status };
}

describe('a run over a limit of its own', () => {
  it.concurrent.each(KINDS)('on %s ends with the code that says which', async (_, kind) => {
    const { source, endless } = kind;
    const model = 'model' in endless ? { model: endless.model } : {};
    const [rows, bytes, time] = await Promise.all([
      failureOf({ source, ...model, limits: { max_rows: ROWS - 1 } }),
      failureOf({ source, ...model, limits: { max_bytes: 20_000 } }),
      failureOf({ ...endless, limits: { timeout_seconds: 1 } }),
    ]);
    const named = (limit: string) => ({
      status: 'FAILED',
      hint: expect.stringContaining(limit) as string,
    });
    expect(rows).toMatchObject({ code: 'ROW_LIMIT', step: 'load', ...named('max_rows') });
    expect(bytes).toMatchObject({ code: 'BYTE_LIMIT', ...named('max_bytes') });
    expect(time).toMatchObject({ code: 'TIME_LIMIT', ...named('timeout_seconds') });
  });
});
