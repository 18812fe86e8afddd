import { readFile, truncate, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';

import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';

import type { StoredSource } from '../../../../schemas/source.ts';
import { testReader } from '../test-reader.ts';

const { root, describe: describeSource, load } = await testReader();
const duckDb = await (await DuckDBInstance.create(':memory:')).connect();
let files = 0;

/** Writes the result of a query as Parquet into the data root. */
async function parquet(query: string, options = ''): Promise<StoredSource & { path: string }> {
  const path = `${++files}.parquet`;
  await duckDb.run(`COPY (${query}) TO '${join(root, path)}' (FORMAT parquet ${options})`);
  return { kind: 'file', path, format: 'parquet', target: 'y' };
}

describe('Parquet files', () => {
  it('are described from their footer', async () => {
    const source = await parquet(
      "SELECT 1.5::DOUBLE AS a, 2::TINYINT AS b, 'x' AS y FROM range(1000)",
    );
    expect(await describeSource(source)).toEqual({
      columns: [
        { name: 'a', type: 'DOUBLE' },
        { name: 'b', type: 'TINYINT' },
        { name: 'y', type: 'VARCHAR' },
      ],
      features: ['a', 'b'],
      display: `Parquet file ${source.path}`,
    });
  });

  it('are read in order over many row groups, and hashed', async () => {
    const source = await parquet(
      'SELECT range AS a, range / 7 AS b, range % 3 AS y FROM range(200000)',
      ', ROW_GROUP_SIZE 5000',
    );
    const { rows, labels, loaded } = await load(source);
    expect(rows.every(([a, b], i) => a === i && b === i / 7 && labels[i] === i % 3)).toBe(true);
    expect(loaded.rows).toBe(200_000);
    const bytes = await readFile(join(root, source.path));
    expect(loaded.sourceSha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('widens every numeric type, booleans and decimals to doubles', async () => {
    const source = await parquet(`SELECT 1::UTINYINT AS a, -2::SMALLINT AS b, 3::INTEGER AS c,
      9007199254740993::BIGINT AS d, 5::HUGEINT AS e, 1.5::FLOAT AS f, 12.34::DECIMAL(10, 2) AS g,
      true AS h, range % 2 AS y FROM range(4)`);
    const { rows } = await load(source);
    expect(rows[0]).toEqual([1, -2, 3, 9007199254740992, 5, 1.5, 12.34, 1]);
  });

  it.each([
    ['int', 'range % 2', [0, 1]],
    ['int', '(range % 2)::BIGINT', [0, 1]],
    ['float', '(range % 2)::DOUBLE', [0, 1]],
    ['bool', 'range % 2 = 0', [false, true]],
    ['string', "CASE WHEN range % 2 = 0 THEN 'zwei' ELSE 'Ä' END", ['zwei', 'Ä']],
    ['string', "(CASE WHEN range % 2 = 0 THEN 'b' ELSE 'a' END)::ENUM ('b', 'a')", ['a', 'b']],
    ['string', "DATE '2020-01-01' + (range % 2)::INT", ['2020-01-01', '2020-01-02']],
    ['string', "CASE WHEN range % 2 = 0 THEN 'a'::BLOB ELSE 'b'::BLOB END", ['a', 'b']],
  ])('reads %s labels of %s', async (type, expression, expected) => {
    const { meta } = await load(
      await parquet(`SELECT range AS a, ${expression} AS y FROM range(8)`),
    );
    expect(meta.labelType).toBe(type);
    expect(meta.labels).toEqual(expected);
  });

  it('reads a text column', async () => {
    const source = await parquet(
      "SELECT 'text ' || range || ' é' AS t, range % 2 AS y FROM range(3000)",
    );
    const { texts } = await load(source, { task: 'text' });
    expect(texts).toHaveLength(3000);
    expect(texts[2999]).toBe('text 2999 é');
  });

  it('names columns whose values are missing, infinite or of the wrong type', async () => {
    const row = '(range % 2) AS y FROM range(6)';
    expect(
      await load(
        await parquet(`SELECT CASE WHEN range IN (1, 4) THEN NULL ELSE range END AS a, ${row}`),
      ).catch((error: unknown) => error),
    ).toMatchObject({ code: 'MISSING_VALUES', message: 'Values are missing in “a” (rows 2, 5).' });
    expect(
      await load(
        await parquet(`SELECT CASE range WHEN 3 THEN 'nan'::DOUBLE ELSE range END AS a, ${row}`),
      ).catch((error: unknown) => error),
    ).toMatchObject({ code: 'VALUE_OUT_OF_RANGE' });
    expect(
      await load(
        await parquet(`SELECT CASE range WHEN 3 THEN 'inf'::DOUBLE ELSE 1 END AS a, ${row}`),
      ).catch((error: unknown) => error),
    ).toMatchObject({
      code: 'VALUE_OUT_OF_RANGE',
      message: expect.stringContaining('“a” (row 4)') as string,
    });
    expect(
      await load(await parquet(`SELECT 'x' AS a, [1] AS b, DATE '2020-01-01' AS c, ${row}`)).catch(
        (error: unknown) => error,
      ),
    ).toMatchObject({
      code: 'COLUMN_NOT_NUMERIC',
      message: 'These feature columns are not numeric: “a” (VARCHAR), “b” (INTEGER[]), “c” (DATE).',
    });
    expect(
      await load(
        await parquet(
          `SELECT 1 AS a, CASE WHEN range = 2 THEN NULL ELSE range % 2 END AS y FROM range(6)`,
        ),
      ).catch((error: unknown) => error),
    ).toMatchObject({ code: 'MISSING_VALUES', message: 'Values are missing in “y” (row 3).' });
    expect(
      await load(await parquet('SELECT 1 AS a, {b: 1} AS y FROM range(6)')).catch(
        (error: unknown) => error,
      ),
    ).toMatchObject({ code: 'MIXED_LABELS' });
  });

  it('refuses by the footer what is too large', async () => {
    const source = await parquet('SELECT 1.0 AS a, range % 2 AS y FROM range(5000)');
    await expect(load(source, { limits: { maxRows: 4_999 } })).rejects.toMatchObject({
      code: 'ROW_LIMIT',
    });
    await expect(load(source, { limits: { maxBytes: 39_999 } })).rejects.toMatchObject({
      code: 'BYTE_LIMIT',
    });
    await expect(
      load(source, { limits: { maxRows: 5_000, maxBytes: 40_000 } }),
    ).resolves.toBeDefined();
  });

  it('refuses what is no whole Parquet file, in both steps', async () => {
    await writeFile(join(root, 'text.parquet'), 'a,y\n1,0\n'.repeat(10));
    await writeFile(join(root, 'tiny.parquet'), 'PAR1');
    await writeFile(
      join(root, 'footer.parquet'),
      Buffer.concat([
        Buffer.from('PAR1'),
        Buffer.alloc(100),
        Buffer.from([0xff, 0xff, 0xff, 0x7f]),
        Buffer.from('PAR1'),
      ]),
    );
    const whole = await parquet('SELECT range AS a, range % 2 AS y FROM range(5000)');
    const bytes = await readFile(join(root, whole.path));
    await writeFile(join(root, 'cut.parquet'), bytes);
    await truncate(join(root, 'cut.parquet'), bytes.length - 100);
    for (const path of ['text.parquet', 'tiny.parquet', 'footer.parquet', 'cut.parquet']) {
      const source: StoredSource = { kind: 'file', path, format: 'parquet', target: 'y' };
      await expect(describeSource(source)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
      await expect(load(source)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    }
  });

  it('gives a typed answer for damaged files, whatever bit is wrong', async () => {
    const whole = await parquet("SELECT range AS a, 'x' || range % 2 AS y FROM range(2000)");
    const bytes = await readFile(join(root, whole.path));
    const outcomes = new Set<string>();
    for (let i = 0; i < 10; i++) {
      const damaged = Buffer.from(bytes);
      const at = Math.floor((i * 2654435761) % bytes.length);
      damaged[at] = (damaged[at] as number) ^ (1 << (i % 8));
      await writeFile(join(root, 'damaged.parquet'), damaged);
      const source: StoredSource = {
        kind: 'file',
        path: 'damaged.parquet',
        format: 'parquet',
        target: 'y',
      };
      outcomes.add(
        await load(source).then(
          () => 'read',
          (error: { code: string }) => error.code,
        ),
      );
    }
    expect([...outcomes].filter((code) => code === 'INTERNAL' || code === 'undefined')).toEqual([]);
  }, 60_000);
});
