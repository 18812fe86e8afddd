import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  confineDuckDb,
  openDuckDb,
} from '../../../../activities/sources/parquet/duckdb-session.ts';
import { loadParquet } from '../../../../activities/sources/parquet/load-parquet.ts';
import { LIMITS } from '../limits.ts';
import { readDataset } from '../read-dataset.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const CANARY = 'CANARY-outside-90aa';
const RESOURCES = { memoryBytes: 256 << 20, threads: 1 };
const folder = await temporaryFolder();
const own = join(folder, 'own');
const outside = join(folder, 'outside.csv');
let asked = 0;
const server = createServer((_request, response) => {
  asked++;
  response.end(CANARY);
}).listen(0, '127.0.0.1');
let duckDb: DuckDBConnection;
let before: string[] = [];

/** All that lies in the test's folder. */
const files = async (): Promise<string[]> => (await readdir(folder, { recursive: true })).sort();

const home = process.cwd();
beforeAll(async () => {
  await mkdir(own);
  await writeFile(outside, `a,y\n${CANARY},1\n`);
  await writeFile(join(own, 'other.csv'), `a,y\n${CANARY},1\n`);
  const free = await (await DuckDBInstance.create(':memory:')).connect();
  for (const path of [join(own, 'source.parquet'), join(own, 'other.parquet')]) {
    await free.run(`COPY (SELECT 1 AS a, '${CANARY}' AS secret) TO '${path}' (FORMAT parquet)`);
  }
  process.chdir(own);
  duckDb = await openDuckDb();
  await confineDuckDb(duckDb, RESOURCES);
  before = await files();
});
afterAll(() => {
  process.chdir(home);
  server.close();
});

const port = (): number => (server.address() as AddressInfo).port;
const ESCAPES = [
  'FROM read_text($OUTSIDE)',
  'FROM read_blob($OUTSIDE)',
  "FROM read_blob('/etc/passwd')",
  "FROM read_text('/proc/self/environ')",
  'FROM read_csv($OUTSIDE)',
  'FROM $OUTSIDE',
  'FROM sniff_csv($OUTSIDE)',
  'FROM read_json($OUTSIDE)',
  "FROM read_csv('other.csv')",
  "FROM 'other.parquet'",
  "FROM read_parquet(['source.parquet', 'other.parquet'])",
  "FROM read_parquet('*.parquet')",
  "FROM read_parquet('./../own/other.parquet')",
  "FROM parquet_metadata('other.parquet')",
  "FROM parquet_kv_metadata('other.parquet')",
  "FROM read_text('tmp/../other.csv')",
  "FROM glob('*')",
  "FROM glob('/etc/*')",
  "FROM read_duckdb('/etc/passwd')",
  "FROM read_parquet('http://127.0.0.1:$PORT/x.parquet')",
  "FROM read_text('s3://bucket/key')",
  "FROM read_parquet('hf://datasets/a/b.parquet')",
  'COPY (SELECT 1) TO $NEW',
  "COPY (SELECT 1) TO 'new.csv'",
  "COPY (SELECT 1 AS a) TO 'source.parquet' (FORMAT parquet)",
  "COPY (SELECT 1) TO '/dev/stdout'",
  'ATTACH $NEW AS there',
  "ATTACH 'new.db' AS here",
  "ATTACH 'http://127.0.0.1:$PORT/x.db' AS far",
  'EXPORT DATABASE $NEW',
  'IMPORT DATABASE $NEW',
  'INSTALL httpfs',
  "INSTALL httpfs FROM 'http://127.0.0.1:$PORT'",
  'LOAD httpfs',
  "LOAD '/tmp/evil.duckdb_extension'",
  'SET enable_external_access = true',
  'SET lock_configuration = false',
  "SET allowed_paths = ['/']",
  "SET allowed_directories = ['/']",
  "SET temp_directory = '/'",
  "SET home_directory = '/'",
  "SET memory_limit = '1TB'",
  'RESET memory_limit',
  'SET threads = 64',
  "SET profiling_output = '/tmp/profile'",
  'SET autoload_known_extensions = true',
  "SELECT getenv('HOME')",
  "CREATE SECRET (TYPE s3, KEY_ID 'a', SECRET 'b')",
];

describe('a confined DuckDB', () => {
  it.each(ESCAPES)('refuses %s', async (sql) => {
    const filled = sql
      .replace('$OUTSIDE', `'${outside}'`)
      .replace('$NEW', `'${join(folder, 'new')}'`)
      .replace('$PORT', String(port()));
    await expect(duckDb.runAndReadAll(filled)).rejects.toThrow(
      /Permission Error|configuration has been locked|Loading external extensions|requires the extension|does not exist/,
    );
  });

  it('has made no file and asked nobody', async () => {
    expect(await files()).toEqual(before);
    expect(asked).toBe(0);
  });

  it('reads the one file', async () => {
    const read = await duckDb.runAndReadAll("SELECT a FROM read_parquet('source.parquet')");
    expect(read.getRows()).toEqual([[1]]);
  });

  it('is not taken for confined when a setting is another than was asked for', async () => {
    const open = await openDuckDb();
    const forgetful = new Proxy(open, {
      get: (target, name) =>
        name === 'run'
          ? (sql: string) => (sql.includes('external') ? undefined : target.run(sql))
          : (Reflect.get(target, name) as () => unknown).bind(target),
    });
    await expect(confineDuckDb(forgetful, RESOURCES)).rejects.toThrow(
      /not confined: .*enable_external_access/,
    );
  });
});

describe('with DuckDB not confined', () => {
  // Nothing of a request but names reaches DuckDB's SQL, and those are quoted.
  const NAMES = [
    `a" FROM read_text('${outside}') --`,
    `a", (SELECT content FROM read_text('${outside}')) AS "b`,
    `"; ATTACH '${join(folder, 'new')}'; SELECT "`,
    `a' || (SELECT content FROM read_text('${outside}')) || '`,
    `$1 ?`,
    `{{a}}`,
  ];

  it.each(NAMES)('a column called %s is a column', async (name) => {
    const free = await (await DuckDBInstance.create(':memory:')).connect();
    const quoted = `"${name.replaceAll('"', '""')}"`;
    const path = join(own, 'source.parquet');
    await free.run(
      `COPY (SELECT 'text ' || range AS ${quoted}, range % 2 AS y FROM range(6)) TO '${path}' (FORMAT parquet)`,
    );
    const output = join(folder, 'dataset');
    const selection = { task: 'text', target: 'y', features: [name] } as const;
    await loadParquet(free, { path, selection, limits: LIMITS, output }, () => undefined);
    const { texts } = await readDataset(output);
    expect(texts).toEqual(Array.from({ length: 6 }, (_, i) => `text ${i}`));
    await rm(output);
  });
});
