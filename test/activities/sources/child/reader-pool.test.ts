import { existsSync, readdirSync, readFileSync } from 'node:fs';
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

async function sqliteTask(
  query: string,
  task: 'tabular' | 'text' = 'tabular',
): Promise<ReaderTask> {
  const path = join(folder, 'some.db');
  const database = new DatabaseSync(path);
  database.exec('CREATE TABLE IF NOT EXISTS t (a, y)');
  database.close();
  const load = {
    path,
    query,
    limits: LIMITS,
    selection: { task, target: 'y', features: undefined },
    output: join(folder, `out${++outputs}`),
  };
  return { kind: 'sqlite-load', folder, load };
}

const run = (task: ReaderTask, { signal = new AbortController().signal, seconds = 60 } = {}) =>
  pool.run(task, {
    signal,
    timeoutSeconds: seconds,
    onTimeout: never,
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

const STILL = new Int32Array(new SharedArrayBuffer(4));

/** Keeps this process from hearing anything until another one has ended. */
function busyUntilEnded(pid: number | undefined): void {
  while (!/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) {
    Atomics.wait(STILL, 0, 0, 5);
  }
}

const never = (): Failure => new Failure('QUERY_TIMEOUT', 'too long', '');

vi.setConfig({ testTimeout: 60_000 });

describe.skipIf(process.platform !== 'linux')('createReaderPool', () => {
  // Upon the end of one process libuv asks after all of them, whatever they have said that is unread.
  it('hears the answer of a process whose end it hears of together with another’s', async () => {
    await sqliteTask('');
    const describing = (query: string, onSpent = (): void => undefined) =>
      pool.run(
        { kind: 'sqlite-describe', folder, path: join(folder, 'some.db'), query },
        {
          ...{ signal: new AbortController().signal, timeoutSeconds: 60, onSpent },
          onTimeout: never,
        },
      );
    const before = readers();
    const first = describing('SELECT 1 AS a', () => busyUntilEnded(second));
    await waitFor(() => expect(readers()).toHaveLength(2));
    const [reader] = before;
    const [second] = readers().filter((pid) => pid !== reader);
    const both = Promise.all([first, describing('SELECT 2 AS b')]);
    busyUntilEnded(reader);
    expect(await both).toEqual([
      [{ name: 'a', type: 'undeclared' }],
      [{ name: 'b', type: 'undeclared' }],
    ]);
  });

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

  it('runs all threads of a process at the priority of its job', async () => {
    await waitFor(() => expect(readers()).toHaveLength(1));
    const [pid] = readers();
    const niceness = () =>
      readdirSync(`/proc/${pid}/task`).map((thread) => {
        const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
      });
    await waitFor(() => expect(Math.max(...niceness())).toBeGreaterThan(0));
    const controller = new AbortController();
    const running = run(await sqliteTask(ENDLESS), { signal: controller.signal });
    await waitFor(() => expect(readers().length).toBeGreaterThan(1));
    // Where a priority can't be raised, that of the main thread isn't either.
    const [main, ...others] = niceness();
    expect(Math.max(...others)).toBeLessThanOrEqual(main!);
    controller.abort(new Error('seen enough'));
    await expect(running).rejects.toThrow('seen enough');
    await waitFor(() => expect(readers()).toHaveLength(1));
  });

  it('reads a large CSV file in several threads, which end with their process', async () => {
    const threaded = createReaderPool({ resources: { memoryBytes: 256 << 20, threads: 3 } });
    const path = join(folder, 'large.csv');
    const rows = Array.from({ length: 500_000 }, (_, i) => `${i},${i / 8},${i % 2}`);
    await writeFile(path, `a,b,y\n${rows.join('\n')}\n`);
    const selection = { task: 'tabular', target: 'y', features: undefined } as const;
    const load = (output: string, signal: AbortSignal) =>
      threaded.run(
        {
          kind: 'csv-load',
          folder,
          load: { path, selection, limits: LIMITS, output: join(folder, output) },
        },
        { signal, timeoutSeconds: 60, onTimeout: () => new Failure('TIME_LIMIT', 'long', '') },
      );
    await expect(load('large.out', new AbortController().signal)).resolves.toMatchObject({
      rows: 500_000,
      classCount: 2,
    });
    const controller = new AbortController();
    const running = load('cut.out', controller.signal);
    await waitFor(() => expect(existsSync(join(folder, 'cut.out'))).toBe(true));
    controller.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    await threaded.close();
    await waitFor(() => expect(readers()).toHaveLength(1));
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
    const hungry = `WITH RECURSIVE long(i, t) AS (SELECT 1, 'x' UNION ALL SELECT i + 1, t || t FROM long WHERE i < 26),
        many(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM many WHERE k < 1000)
      SELECT t || k AS a, k % 2 AS y FROM many, (SELECT t FROM long WHERE i = 26) ORDER BY a`;
    await expect(run(await sqliteTask(hungry, 'text'))).rejects.toMatchObject({
      code: 'MEMORY_LIMIT',
    });
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
