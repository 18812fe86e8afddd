import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { DuckDBInstance } from '@duckdb/node-api';

import type { Selection } from '../../../../schemas/dataset.ts';

/** A file that reads well, and how. */
export interface HonestFile {
  readonly bytes: Buffer;
  readonly selection?: Partial<Selection>;
}

const line = (i: number): string =>
  `${i},${i / 7},"text, ""${i}""\nof row ${i} é",${i % 3},k${i % 2}`;

export const CSV_FILES: readonly HonestFile[] = [
  {
    bytes: Buffer.from(
      `a,b,y\n${Array.from({ length: 60 }, (_, i) => `${i},${-i / 3},${i % 2}`).join('\n')}\n`,
    ),
  },
  {
    bytes: Buffer.from(
      `\ufeffa,b,note,c,y\r\n${Array.from({ length: 40 }, (_, i) => line(i)).join('\r\n')}`,
    ),
    selection: { task: 'text', features: ['note'] },
  },
  {
    bytes: Buffer.from(
      `a,b,note,c,y\n${Array.from({ length: 40 }, (_, i) => line(i)).join('\n')}\n`,
    ),
    selection: { features: ['a', 'b', 'c'] },
  },
];

const ROWS = `SELECT i AS a, i / 7 AS b, i::DECIMAL(9, 2) AS c, i % 2 = 0 AS d, 'text of ' || i || ' é' AS note,
  [i, i + 1] AS list, {p: i, q: 'x'} AS nested, CASE WHEN i % 5 = 0 THEN NULL ELSE i END AS holes,
  'k' || i % 3 AS y FROM (SELECT range::INT AS i FROM range(120))`;
const SELECTIONS: readonly Partial<Selection>[] = [
  { features: ['a', 'b', 'c', 'd'] },
  { task: 'text', features: ['note'] },
];

/** Parquet files of each codec and encoding that DuckDB writes, made in `folder`. */
export async function parquetFiles(folder: string): Promise<HonestFile[]> {
  const duckDb = await (await DuckDBInstance.create(':memory:')).connect();
  const files: HonestFile[] = [];
  for (const options of [
    'COMPRESSION uncompressed',
    'COMPRESSION snappy, PARQUET_VERSION v2',
    'COMPRESSION gzip, ROW_GROUP_SIZE 64',
    'COMPRESSION zstd, PARQUET_VERSION v2',
    'COMPRESSION lz4_raw, DICTIONARY_SIZE_LIMIT 1',
  ]) {
    const path = join(folder, `honest-${files.length}.parquet`);
    await duckDb.run(`COPY (${ROWS}) TO '${path}' (FORMAT parquet, ${options})`);
    const bytes = await readFile(path);
    for (const selection of SELECTIONS) files.push({ bytes, selection });
  }
  return files;
}

const record = (i: number): object => ({
  text: `record ${i} é "quoted"`,
  label: ['a', 'b'][i % 2],
});

/** Requests with records in themselves, as they come over HTTP. */
export const REQUESTS: readonly Buffer[] = [
  { records: Array.from({ length: 30 }, (_, i) => record(i)) },
  { records: Array.from({ length: 30 }, (_, i) => ({ text: 't'.repeat(i), label: i % 3 })) },
].map(({ records }) =>
  Buffer.from(
    JSON.stringify({
      tool: 'mlflow.run_experiment',
      params: {
        experiment_name: 'mutated',
        model: 'logreg_text',
        source: { kind: 'inline', task: 'text-classification', records },
      },
    }),
  ),
);
