import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';

import { SourceRefused, type Survey } from '../../../activities/sources/source-refused.ts';
import { balanceOf } from '../../../activities/sources/survey.ts';
import type { StoredSource } from '../../../schemas/source.ts';
import { testReader, type Wish } from './test-reader.ts';

const { root, sql, load } = await testReader();

/** Two of ten labels are missing, and a feature in three rows; the class 7 has one row. */
const ROWS = Array.from({ length: 10 }, (_, i) => ({
  a: i < 3 ? null : i,
  y: i < 2 ? null : i === 9 ? 7 : i % 2,
}));
const values = ROWS.map(({ a, y }) => `(${a ?? 'NULL'}, ${y ?? 'NULL'})`).join(', ');

const sources: Record<string, () => Promise<StoredSource>> = {
  async csv() {
    const lines = ROWS.map(({ a, y }) => `${a ?? ''},${y ?? 'NA'}`);
    await writeFile(join(root, 'holes.csv'), `a,y\n${lines.join('\n')}\n`);
    return { kind: 'file', path: 'holes.csv', format: 'csv', target: 'y' };
  },
  async parquet() {
    const duckDb = await (await DuckDBInstance.create(':memory:')).connect();
    const query = `SELECT * FROM (VALUES ${values}) AS t(a, y)`;
    await duckDb.run(`COPY (${query}) TO '${join(root, 'holes.parquet')}' (FORMAT parquet)`);
    return { kind: 'file', path: 'holes.parquet', format: 'parquet', target: 'y' };
  },
  async sqlite() {
    const database = new DatabaseSync(join(root, 'holes.sqlite'));
    database.exec(`DROP TABLE IF EXISTS t; CREATE TABLE t (a INTEGER, y INTEGER)`);
    database.exec(`INSERT INTO t VALUES ${values}`);
    database.close();
    return sql('sqlite:///holes.sqlite', 'SELECT a, y FROM t');
  },
};

async function surveyOf(source: StoredSource, wish: Wish = {}): Promise<Survey> {
  const refused: unknown = await load(source, wish).catch((error: unknown) => error);
  if (!(refused instanceof SourceRefused)) throw new TypeError('it was not refused');
  expect(refused.evidence.survey).toBeDefined();
  return refused.evidence.survey as Survey;
}

describe.each(Object.entries(sources))('a refused %s source', (_kind, write) => {
  it('tells all that is wrong with it, and the classes of the labels that are there', async () => {
    const { faults, values: wrong, labels, ...survey } = await surveyOf(await write());
    expect(faults).toEqual([
      { fault: 'missing', column: 'a', rows: 3 },
      { fault: 'missing', column: 'y', rows: 2 },
    ]);
    expect(wrong.map(({ code }) => code)).toEqual(['MISSING_VALUES']);
    expect(labels?.code).toBe('CLASS_TOO_SMALL');
    expect(survey).toEqual({
      ...{ rows: 10, ended: null },
      balance: {
        classCount: 3,
        classes: [
          { label: 0, rows: 4 },
          { label: 1, rows: 3 },
          { label: 7, rows: 1 },
        ],
      },
    });
  });

  it('that was not read to its end tells what it is sure of', async () => {
    const survey = await surveyOf(await write(), { limits: { readUntil: 0 } });
    expect(survey.ended?.code).toBe('TIME_LIMIT');
    expect(survey.values.map(({ code }) => code)).toEqual(['MISSING_VALUES']);
    expect(survey).toMatchObject({ labels: null, rows: 10 });
  });
});

describe('balanceOf', () => {
  it('keeps the largest of many classes and some of the smallest', () => {
    const labels = Array.from({ length: 60 }, (_, i) => `c${i}`);
    const { classCount, classes } = balanceOf({ labels, rows: labels.map((_, i) => i) });
    // The first has no rows: none was read yet.
    expect(classCount).toBe(59);
    expect(classes.map(({ rows }) => rows)).toEqual([
      ...Array.from({ length: 15 }, (_, i) => 59 - i),
      ...[5, 4, 3, 2, 1],
    ]);
  });
});
