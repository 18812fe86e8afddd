import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { afterAll, describe, expect, it, vi } from 'vitest';

import {
  createReaderPool,
  type ReaderTask,
} from '../../../../activities/sources/child/reader-pool.ts';
import { Failure } from '../../../../schemas/failure.ts';
import { LIMITS } from '../limits.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = await temporaryFolder();
const pool = createReaderPool({ resources: { memoryBytes: 256 << 20, threads: 1 } });
afterAll(() => pool.close());

/** Processes start and end slowly on a machine that is busy. */
const waitFor = (check: () => void) => vi.waitFor(check, 15_000);

const ENDLESS =
  'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS a, 1 AS y FROM n';
let outputs = 0;

async function sqliteTask(query: string): Promise<ReaderTask> {
  const path = join(folder, 'some.db');
  const database = new DatabaseSync(path);
  database.exec('CREATE TABLE IF NOT EXISTS t (a, y)');
  database.close();
  const load = {
    path,
    query,
    limits: LIMITS,
    selection: { task: 'tabular', target: 'y', features: undefined } as const,
    output: join(folder, `out${++outputs}`),
  };
  return { kind: 'sqlite-load', folder, load };
}

const run = (task: ReaderTask, { signal = new AbortController().signal, seconds = 60 } = {}) =>
  pool.run(task, {
    signal,
    timeoutSeconds: seconds,
    onTimeout: () => new Failure('QUERY_TIMEOUT', 'too long', ''),
  });

/** Reader processes of this test: children of this process, or orphans that were. */
function readers(): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      try {
        const parent = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return Number(parent) === process.pid && command.includes('reader-child');
      } catch {
        return false;
      }
    });
}

vi.setConfig({ testTimeout: 60_000 });

describe.skipIf(process.platform !== 'linux')('createReaderPool', () => {
  it('keeps one spare process and uses each process for one job', async () => {
    await waitFor(() => expect(readers()).toHaveLength(1));
    const [first] = readers();
    const columns = await run({
      kind: 'sqlite-describe',
      folder,
      path: join(folder, (await sqliteTask('')).kind === 'sqlite-load' ? 'some.db' : ''),
      query: 'SELECT 1 AS a',
    });
    expect(columns).toEqual([{ name: 'a', type: 'undeclared' }]);
    await waitFor(() => expect(readers()).toHaveLength(1));
    expect(readers()).not.toContain(first);
  });

  it('gives its processes no environment', async () => {
    await waitFor(() => expect(readers()).toHaveLength(1));
    const environment = readFileSync(`/proc/${readers()[0]}/environ`, 'utf8');
    const names = environment.split('\0').map((entry) => entry.split('=')[0]);
    expect(
      names.filter((name) => name !== '' && !/^NODE_(CHANNEL|UNIQUE)/.test(name ?? '')),
    ).toEqual([]);
  });

  it('kills a query that can’t be interrupted when its time is over', async () => {
    await expect(run(await sqliteTask(ENDLESS), { seconds: 1 })).rejects.toMatchObject({
      code: 'QUERY_TIMEOUT',
    });
    await waitFor(() => expect(readers()).toHaveLength(1));
  });

  it('kills it on cancellation and passes the reason on', async () => {
    const controller = new AbortController();
    const running = run(await sqliteTask(ENDLESS), { signal: controller.signal });
    await waitFor(() => expect(readers().length).toBeGreaterThan(1));
    controller.abort(new Error('cancelled by the engineer'));
    await expect(running).rejects.toThrow('cancelled by the engineer');
    await waitFor(() => expect(readers()).toHaveLength(1));
    const aborted = AbortSignal.abort(new Error('before it began'));
    await expect(run(await sqliteTask('SELECT 1'), { signal: aborted })).rejects.toThrow(
      'before it began',
    );
  });

  it('answers with a failure when a process dies, and goes on', async () => {
    const before = new Set(readers());
    const running = run(await sqliteTask(ENDLESS));
    await waitFor(() => expect(readers().some((pid) => !before.has(pid))).toBe(true));
    for (const pid of before) process.kill(pid, 'SIGKILL');
    await expect(running).rejects.toMatchObject({ code: 'READER_DIED' });
    await expect(
      run({
        kind: 'sqlite-describe',
        folder,
        path: join(folder, 'some.db'),
        query: 'SELECT 1 AS a',
      }),
    ).resolves.toHaveLength(1);
  });

  it('ends a process that takes too much memory', async () => {
    const hungry = `WITH RECURSIVE n(i, t) AS (SELECT 1, 'x' UNION ALL SELECT i + 1, t || t FROM n WHERE i < 29)
      SELECT length(group_concat(t || t || t)) AS a, 1 AS y FROM n`;
    await expect(run(await sqliteTask(hungry))).rejects.toMatchObject({ code: 'MEMORY_LIMIT' });
  });

  it('hands our own failures over with code, message and hint', async () => {
    const path = join(folder, 'broken.csv');
    await writeFile(path, 'a,y\n1,2,3\n');
    await mkdir(join(folder, 'own'), { recursive: true });
    const task: ReaderTask = {
      kind: 'csv-load',
      folder: join(folder, 'own'),
      load: {
        path,
        limits: LIMITS,
        selection: { task: 'tabular', target: 'y', features: undefined },
        output: join(folder, 'broken.out'),
      },
    };
    await expect(run(task)).rejects.toMatchObject({
      name: 'Failure',
      code: 'FILE_UNREADABLE',
      message: expect.stringContaining('Line 2') as string,
      hint: expect.stringContaining('UTF-8') as string,
    });
  });
});
