import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';

import { parquetFailure } from '../../activities/sources/parquet/duckdb-session.ts';
import { groupMembers } from '../../local/process-table.ts';
import { writeIntoFolder } from '../../platform/tracking/artifact-folder.ts';
import type { StepView } from '../../schemas/run-view.ts';
import { connectionString } from '../activities/sources/servers.ts';
import { followRuns, stepOf, type Followed } from '../support/follow-runs.ts';
import { manyTexts } from '../support/many-texts.ts';
import { createSmallDisk, type SmallDisk } from '../support/small-disk.ts';
import { startTestService, type TestService } from '../support/test-service.ts';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.ts';

let disk: SmallDisk;
let blobs: string;
let service: TestService;
let worker: WorkerProcess;
const runs = followRuns(() => service, `storage-${randomUUID()}`);

/** One finished run of every kind of source: what a disturbed one has to come to. */
const calm = new Map<string, Followed>();

beforeAll(async () => {
  disk = await createSmallDisk(async () => [
    process.pid,
    ...(await groupMembers(worker.pid)).map(({ pid }) => pid),
  ]);
  blobs = join(disk.folder, 'blobs');
  const settings = { BLOB_STORE: blobs, CHECKPOINT_SECONDS: '0.05' };
  service = await startTestService(settings, { worker: false });
  worker = await startWorkerProcess(service.settings);
  await writeFiles(service.data);
  const started = Object.entries(sources()).map(async ([kind, source]) => {
    calm.set(kind, await runs.ended(await runs.start({ source })));
  });
  await Promise.all(started);
});
afterEach(() => disk.makeRoom());
afterAll(async () => {
  // First, so that it is done whatever else could not be started.
  await disk.remove();
  await worker.kill();
  await service.stop();
});

/** A CSV file that is smaller than the dataset made of it, and the same as Parquet. */
async function writeFiles(folder: string): Promise<void> {
  const rows = Array.from({ length: 4000 }, (_, i) =>
    [i % 7, (i * i) % 11, i % 3, i % 13 < 6 ? 1 : 0].join(','),
  );
  const csv = join(folder, 'digits.csv');
  await writeFile(csv, `a,b,c,y\n${rows.join('\n')}\n`);
  const database = await (await DuckDBInstance.create()).connect();
  await database.run(`COPY (FROM '${csv}') TO '${join(folder, 'digits.parquet')}'`);
  const columns = Array.from(
    { length: 500 },
    (_, i) => `range % 7 AS a_long_name_of_a_column_${i}`,
  );
  const wide = `SELECT ${columns.join()}, range % 2 AS y FROM range(20)`;
  await database.run(`COPY (${wide}) TO '${join(folder, 'wide.parquet')}'`);
  database.closeSync();
  await writeLoggedDatabase(folder);
}

/** A SQLite file with a write-ahead log beside it, as a program leaves it that is killed. */
async function writeLoggedDatabase(folder: string): Promise<void> {
  const written = join(folder, 'written.sqlite');
  const database = new DatabaseSync(written);
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (a, y); INSERT INTO t VALUES (1, 0)');
  for (const suffix of ['', '-wal']) {
    await copyFile(written + suffix, join(folder, `logged.sqlite${suffix}`));
  }
  database.close();
}

function sources(): Record<string, object> {
  const query = { kind: 'sql', query: 'SELECT * FROM training_table', target: 'y' };
  const mariadb = inject('mariadb');
  return {
    csv: { kind: 'file', path: 'digits.csv', target: 'y' },
    parquet: { kind: 'file', path: 'digits.parquet', format: 'parquet', target: 'y' },
    sqlite: { ...query, conn: 'sqlite:///demo.sqlite' },
    inline: { kind: 'inline', records: records(60) },
    postgres: { ...query, conn: connectionString('postgresql', inject('postgres')) },
    ...('unavailable' in mariadb
      ? {}
      : { mariadb: { ...query, conn: connectionString('mysql', mariadb) } }),
  };
}

const records = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    text: `${i % 3 === 0 ? 'flood' : 'picnic'} number ${i}`,
    label: i % 3 === 0 ? 'hazard' : 'calm',
  }));

const idOf = (kind: string): string => calm.get(kind)?.workflow.workflow_id as string;

const FINISHED = {
  status: 'FINISHED',
  workflow: { status: 'COMPLETED' },
  failure: null,
  notes: [],
};

/** The disturbed run is the calm one's MLflow run or, when it is another, has the same numbers. */
function expectSame(disturbed: Followed, undisturbed: Followed | undefined): void {
  expect(disturbed).toMatchObject(FINISHED);
  expect(undisturbed).toMatchObject(FINISHED);
  expect(disturbed.metrics).toEqual(undisturbed?.metrics);
}

/** Keys of the stored blobs. Each is whole, and nothing else lies there. */
async function storedBlobs(): Promise<string[]> {
  expect(await readdir(join(blobs, '.scratch'))).toEqual([]);
  const entries = await readdir(blobs, { recursive: true, withFileTypes: true });
  const files = entries.flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  );
  // Histories of ended runs are copied when a worker finds the time, under the names of their executions.
  const paths = files.filter((path) => !path.startsWith(join(blobs, 'histories')));
  for (const path of paths) {
    const hash = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
    expect(basename(path)).toContain(hash.slice(0, 32));
  }
  return paths.sort();
}

/** Waits until a step has failed for want of room, and looks at what get_run says of it. */
async function expectWaiting(id: string, step: string): Promise<StepView> {
  const seen = await runs.when(
    id,
    (view) =>
      view.workflow.status !== 'RUNNING' ||
      // A retry sets it so while its first step is already going; an attempt that is due has no time any more.
      (view.status === 'RUNNING' && typeof stepOf(view, step)?.next_attempt_at === 'string'),
  );
  const found = stepOf(seen, step) as StepView;
  expect(found).toMatchObject({
    status: 'WAITING',
    failure: { code: 'STORAGE_FULL', hint: expect.stringContaining('goes on by itself') as string },
    waiting_since: expect.stringMatching(/^\d{4}-/) as string,
    next_attempt_at: expect.stringMatching(/^\d{4}-/) as string,
  });
  return found;
}

describe('a run whose disk is full', () => {
  it('waits in its load step, whatever it reads, and goes on by itself', async () => {
    const before = await storedBlobs();
    await disk.leave(0);
    await Promise.all(
      [...calm.keys()].map(async (kind) => {
        await runs.retry(idOf(kind), 'load');
        await expectWaiting(idOf(kind), 'load');
      }),
    );
    await disk.makeRoom();
    for (const kind of calm.keys()) {
      const disturbed = await runs.ended(idOf(kind));
      expectSame(disturbed, calm.get(kind));
      expect(stepOf(disturbed, 'load')?.attempts).toBeGreaterThan(1);
    }
    expect(await storedBlobs()).toEqual(before);
  });

  it('waits in the other steps, too', async () => {
    const before = await storedBlobs();
    const cases = [
      ['csv', 'split'],
      ['inline', 'train'],
      ['sqlite', 'evaluate'],
    ] as const;
    await disk.leave(0);
    await Promise.all(
      cases.map(async ([kind, step]) => {
        await runs.retry(idOf(kind), step);
        await expectWaiting(idOf(kind), step);
      }),
    );
    await disk.makeRoom();
    for (const [kind] of cases) expectSame(await runs.ended(idOf(kind)), calm.get(kind));
    expect(await storedBlobs()).toEqual(before);
  });

  it('waits when there is room for a copy of the source, but not for the dataset', async () => {
    const { size } = await stat(join(service.data, 'digits.csv'));
    await disk.leave(size + 8192);
    const id = await runs.start({ source: sources()['csv'] });
    await expectWaiting(id, 'load');
    await disk.makeRoom();
    expectSame(await runs.ended(id), calm.get('csv'));
    await storedBlobs();
  });

  it('fails with that code when its source can’t even be looked at, and can be retried', async () => {
    // So much that only a part of the footer fits, or the log but not the index that SQLite makes of it.
    await disk.leave(16_384);
    const logged = { kind: 'sql', conn: 'sqlite:///logged.sqlite', query: 'SELECT * FROM t' };
    const started = [
      sources()['sqlite'],
      { kind: 'file', path: 'wide.parquet', format: 'parquet', target: 'y' },
      { ...logged, target: 'y' },
    ].map(async (source) => {
      const id = await runs.start({ source });
      const { failure } = await runs.ended(id);
      expect(failure).toMatchObject({ code: 'STORAGE_FULL', step: 'validate' });
      return id;
    });
    const [id] = await Promise.all(started);
    await disk.makeRoom();
    await runs.retry(id as string, 'validate');
    expectSame(await runs.ended(id as string), calm.get('sqlite'));
    await storedBlobs();
  });

  it('trains to the end without checkpoints', async () => {
    const source = { kind: 'inline', records: manyTexts(800) };
    const id = await runs.start({ source, params: { C: 1e6, tol: 1e-12, max_iter: 200 } });
    const undisturbed = await runs.ended(id);
    await disk.leave(0);
    await runs.retry(id, 'train');
    // Then there is no room for the model.
    const { progress } = await expectWaiting(id, 'train');
    expect(progress?.message).toMatch(/^iteration \d{2,},/);
    await disk.makeRoom();
    expectSame(await runs.ended(id), undisturbed);
    await storedBlobs();
  });

  it('hears of it from whoever else writes', async () => {
    await disk.leave(0);
    const artifacts = join(disk.folder, 'artifacts');
    await expect(
      writeIntoFolder(artifacts, 'run/report.html', Buffer.alloc(100_000)),
    ).rejects.toMatchObject({
      code: 'STORAGE_FULL',
      message: expect.stringContaining('MLFLOW_ARTIFACTS_FOLDER') as string,
    });
    expect(await readdir(join(artifacts, 'run'))).toEqual([]);
    const spilt = 'IO Error: Could not write file "tmp/duckdb_temp_storage_S32K-0.tmp": ';
    for (const reason of ['No space left on device', 'File too large']) {
      expect(parquetFailure(new Error(spilt + reason))).toMatchObject({ code: 'STORAGE_FULL' });
    }
  });

  it('loses its log, not its process', async () => {
    await disk.leave(0);
    const log = await open(join(disk.folder, 'worker.log'), 'w');
    const logging = new URL('../../platform/logging.ts', import.meta.url).href;
    const program = `import { createLogger } from '${logging}';
      for (let i = 0; i < 1000; i++) createLogger('test', 'info').info('line');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'ignore', log.fd],
    });
    expect(await once(child, 'exit')).toEqual([0, null]);
    await log.close();
  });
});

describe('a server whose disk is full', () => {
  it('says so, and takes the same request when there is room', async () => {
    const request = {
      experiment_name: 'storage',
      source: { kind: 'inline', records: records(60) },
      idempotency_key: randomUUID(),
    };
    await disk.leave(0);
    const refused = await service.invoke('mlflow_run_experiment', request);
    expect(refused).toMatchObject({ status: 503, failure: { code: 'STORAGE_FULL', step: null } });
    await disk.makeRoom();
    const answer = await service.invoke('mlflow_run_experiment', request);
    expect(answer.result).toMatchObject({
      ...{ status: 'FINISHED', metrics: calm.get('inline')?.metrics },
    });
    await storedBlobs();
  });
});

/** Turns one bit in the middle of a file around. */
async function damage(path: string): Promise<void> {
  const file = await open(path, 'r+');
  const { size } = await file.stat();
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, size >> 1);
  byte[0] = (byte[0] as number) ^ 1;
  await file.write(byte, 0, 1, size >> 1);
  await file.close();
}

async function blobNamed(workflowId: string, name: string): Promise<string> {
  const folder = join(blobs, 'runs', workflowId);
  const found = (await readdir(folder)).filter((entry) => entry.startsWith(`${name}.`));
  expect(found).toHaveLength(1);
  return join(folder, found[0] as string);
}

const HARMS = { BLOB_CORRUPT: damage, BLOB_MISSING: (path: string) => rm(path) };

/** The run of a kind, what of it is harmed and how, and the step that meets it. */
const CASES = [
  ['csv', 'dataset', 'BLOB_CORRUPT', 'split'],
  ['parquet', 'split', 'BLOB_CORRUPT', 'train'],
  ['inline', 'model', 'BLOB_CORRUPT', 'evaluate'],
  ['sqlite', 'predictions', 'BLOB_CORRUPT', 'log'],
  ['postgres', 'split', 'BLOB_MISSING', 'train'],
] as const;

/** Runs whose records are harmed before they are read. */
const SENT = [
  [66, 'BLOB_CORRUPT'],
  [67, 'BLOB_MISSING'],
] as const;

describe('what a run has stored, when it is damaged or gone', () => {
  const sent: string[] = [];

  beforeAll(async () => {
    await worker.kill();
    for (const [kind, blob, code, step] of CASES) {
      await runs.retry(idOf(kind), step);
      await HARMS[code](await blobNamed(idOf(kind), blob));
    }
    for (const [count, code] of SENT) {
      const before = await readdir(join(blobs, 'inline'));
      sent.push(await runs.start({ source: { kind: 'inline', records: records(count) } }));
      const stored = (await readdir(join(blobs, 'inline'))).find((name) => !before.includes(name));
      await HARMS[code](join(blobs, 'inline', stored as string));
    }
    // It remembers no hash that was right before.
    worker = await startWorkerProcess(service.settings);
  });

  it.each(CASES)(
    'is missed by the next step, and stored anew from the step that the hint names: %s, %s',
    async (kind, blob, code, step) => {
      const failed = await runs.ended(idOf(kind));
      expect(failed).toMatchObject({ status: 'FAILED', failure: { code, step } });
      expect(failed.failure?.message).toContain(blob);
      const [, from = ''] = /from its step (\w+)/.exec(failed.failure?.hint ?? '') ?? [];
      await runs.retry(idOf(kind), from);
      const mended = await runs.ended(idOf(kind));
      expectSame(mended, calm.get(kind));
      expect(mended.run_id).toBe(calm.get(kind)?.run_id);
    },
  );

  it.each(SENT)('can be sent again when it is %i records: %s', async (count, code) => {
    const id = sent.shift() as string;
    const failed = await runs.ended(id);
    expect(failed).toMatchObject({ status: 'FAILED', failure: { code, step: 'load' } });
    expect(failed.failure?.hint).toContain('Send the records again');
    const again = await runs.start({ source: { kind: 'inline', records: records(count) } });
    const undisturbed = await runs.ended(again);
    await runs.retry(id, 'load');
    expectSame(await runs.ended(id), undisturbed);
  });

  it('leaves no damaged blob behind', storedBlobs);
});
