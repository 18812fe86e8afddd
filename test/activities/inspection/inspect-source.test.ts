import { randomBytes } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterAll, describe, expect, it } from 'vitest';

import type { ComputePool } from '../../../activities/compute/compute-pool.ts';
import { createMemoryBudget } from '../../../activities/compute/memory-budget.ts';
import type { ActivityDependencies } from '../../../activities/dependencies.ts';
import { createInspectSource } from '../../../activities/inspect-source.ts';
import type { Patience } from '../../../activities/inspection/reading-time.ts';
import { createReaderPool } from '../../../activities/sources/child/reader-pool.ts';
import { loadConnections } from '../../../activities/sources/connections.ts';
import { createSourceReader } from '../../../activities/sources/source-reader.ts';
import { createSealer } from '../../../platform/codec/sealing.ts';
import { createFileStore } from '../../../platform/storage/file-store.ts';
import type { Inspection } from '../../../schemas/inspection.ts';
import { paramsSchema } from '../../../schemas/request.ts';
import type { StoredSource } from '../../../schemas/source.ts';
import { LIMITS } from '../sources/limits.ts';
import { temporaryFolder } from '../sources/temporary-folder.ts';

const folder = await temporaryFolder();
const root = join(folder, 'data');
await mkdir(root);
const blobs = createFileStore(join(folder, 'blobs'));
const sealer = createSealer(randomBytes(32));
const pool = createReaderPool();
afterAll(() => pool.close());
const sources = createSourceReader({
  ...{ dataRoots: [root], connections: await loadConnections(undefined), sealer, blobs, pool },
  ...{ rawConnectionsAllowed: true, loopbackAllowed: true },
});
const rows = Array.from({ length: 100 }, (_, i) => `${i},${-i},${i % 2}`);
await writeFile(join(root, 'train.csv'), `f1,f2,label\n${rows.join('\n')}\n`);
const train: StoredSource = { kind: 'file', path: 'train.csv', format: 'csv', target: 'label' };

interface Wish {
  readonly patience?: Patience;
  readonly limits?: Partial<typeof LIMITS>;
  readonly memoryBytes?: number;
}

/** Runs the activity with a worker's source reader and memory, and nothing else. */
async function inspect(source: StoredSource, wish: Wish = {}): Promise<Inspection> {
  const budget = createMemoryBudget(wish.memoryBytes ?? 2 ** 40);
  const compute = { checkMemory: (bytes) => budget.check(bytes) } as ComputePool;
  const limits = { ...LIMITS, ...wish.limits };
  const deps = { sources, blobs, limits, compute } as ActivityDependencies;
  const activity = createInspectSource(deps, wish.patience);
  const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
  return environment.run(activity, {
    ...{ source, model: 'logreg_tabular' as const, params: paramsSchema.parse({}) },
  });
}

describe('an inspection', () => {
  it('of a source that takes longer to read tells what the first rows show', async () => {
    const found = await inspect(train, { patience: { seconds: 0, grace: 30 } });
    expect(found).toMatchObject({
      ...{ ok: true, rows: 100, rows_read: 'some', class_count: 2, split: null, problems: [] },
      would_run: 'Logistic regression on 2 numeric columns, of at least 100 rows.',
      columns: [{ name: 'label', missing: 0 }, { name: 'f1', missing: 0 }, { name: 'f2' }],
      warnings: [expect.stringMatching(/larger than can be read in 0 seconds.*first 100 rows/s)],
    });
  });

  it('of a query that gives no row in time tells of its columns only', async () => {
    const database = new DatabaseSync(join(root, 'slow.sqlite'));
    database.exec('CREATE TABLE n AS SELECT value AS i FROM json_each(json_array(1,2,3,4,5,6,7))');
    database.close();
    const times = Array.from({ length: 16 }, (_, i) => `n AS n${i}`).join(', ');
    const query = `SELECT sum(n0.i) AS a, count(*) AS y FROM ${times}`;
    const conn = { sealed: sealer.seal('sqlite:///slow.sqlite'), display: 'slow' };
    const found = await inspect(
      { kind: 'sql', conn, query, target: 'y' },
      { patience: { seconds: 1, grace: 1 } },
    );
    expect(found).toMatchObject({
      ...{ ok: true, rows: null, rows_read: 'none', class_count: null, column_count: 2 },
      columns: [{ name: 'a' }, { name: 'y' }],
      warnings: [expect.stringMatching(/^No rows could be read in 1 seconds.*60 seconds/s)],
    });
  });

  it('of a source over the server’s own limits refuses it, as a run would be', async () => {
    expect(await inspect(train, { limits: { maxRows: 50 } })).toMatchObject({
      ...{ ok: false, rows_read: 'some' },
      problems: [{ code: 'ROW_LIMIT', field: 'source.path' }],
    });
    expect(await inspect(train, { memoryBytes: 1000 })).toMatchObject({
      ...{ ok: false, rows: 100, class_count: 2, split: null },
      problems: [{ code: 'MEMORY_LIMIT', field: 'source.path' }],
    });
  });

  it('of few rows says which fraction would do', async () => {
    await writeFile(join(root, 'few.csv'), 'f1,label\n1,a\n2,a\n3,b\n4,b\n');
    const enough = await inspect({ ...train, path: 'few.csv' });
    expect(enough).toMatchObject({
      ...{ ok: true, split: { train_rows: 2, test_rows: 2 } },
      warnings: [expect.stringMatching(/grown to 2 rows/)],
    });
    await writeFile(join(root, 'fewer.csv'), 'f1,label\n1,a\n2,a\n3,b\n');
    const { problems } = await inspect({ ...train, path: 'fewer.csv' });
    expect(problems.map(({ code }) => code)).toEqual(['CLASS_TOO_SMALL', 'TOO_FEW_ROWS']);
  });

  it('of a lost connection is no answer but a failure', async () => {
    const conn = {
      ...{ sealed: sealer.seal('postgresql://u:p@127.0.0.1:1/d'), display: 'a database' },
    };
    await expect(
      inspect({ kind: 'sql', conn, query: 'SELECT 1 AS y', target: 'y' }),
    ).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  });

  it('leaves no files', async () => {
    await inspect(train);
    const left = await readdir(join(folder, 'blobs'), { recursive: true, withFileTypes: true });
    expect(left.filter((entry) => entry.isFile())).toEqual([]);
  });
});
