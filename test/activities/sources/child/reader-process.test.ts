import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';

import { afterEach, describe, expect, it, vi } from 'vitest';

import {
  killReader,
  startReader,
  type ReaderProcessOptions,
} from '../../../../activities/sources/child/reader-process.ts';
import { LIMITS } from '../limits.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const DISOBEDIENT = fileURLToPath(new URL('./disobedient-reader.ts', import.meta.url));
const RESOURCES = { memoryBytes: 256 << 20, threads: 1 };
const SECRETS = [
  'MLFLOW_TRACKING_PASSWORD',
  'MLFLOW_TRACKING_TOKEN',
  'TEMPORAL_API_KEY',
  'SALES_PASSWORD',
  'AWS_SECRET_ACCESS_KEY',
  'NODE_OPTIONS',
];

const folder = await temporaryFolder();
const started: ChildProcess[] = [];
afterEach(() => started.splice(0).forEach(killReader));

function reader(options: Partial<ReaderProcessOptions> = {}): ChildProcess & { pid: number } {
  const child = startReader({ resources: RESOURCES, ...options });
  started.push(child);
  return child as ChildProcess & { pid: number };
}

/** What the system says of a process, once it is no shell any more. */
async function systemSays(pid: number, file: 'environ' | 'cmdline' | 'limits' | 'stat') {
  await vi.waitFor(() => {
    expect(readlinkSync(`/proc/${pid}/exe`)).toBe(readlinkSync('/proc/self/exe'));
  }, 10_000);
  return readFileSync(`/proc/${pid}/${file}`, 'utf8');
}

describe.skipIf(process.platform !== 'linux')('a reader process', () => {
  it('knows nothing of the worker’s environment', async () => {
    for (const name of SECRETS) vi.stubEnv(name, name === 'NODE_OPTIONS' ? '' : `CANARY-${name}`);
    const { pid } = reader({ cacheFolder: join(folder, 'cache') });
    const environment = await systemSays(pid, 'environ');
    expect(environment).not.toContain('CANARY');
    const names = environment.split('\0').map((entry) => entry.split('=')[0]);
    const allowed = /^(NODE_COMPILE_CACHE|NODE_CHANNEL_FD|NODE_CHANNEL_SERIALIZATION_MODE|)$/;
    expect(names.filter((name) => !allowed.test(name ?? ''))).toEqual([]);
    expect(await systemSays(pid, 'cmdline')).not.toContain('CANARY');
    vi.unstubAllEnvs();
  });

  it('has none of the worker’s files and sockets', async () => {
    const path = join(folder, 'open-in-the-worker');
    await writeFile(path, 'x');
    const file = await open(path);
    const server = createServer().listen(0);
    await once(server, 'listening');
    const ours = readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/self/fd/${fd}`)];
      } catch {
        return [];
      }
    });
    const { pid } = reader();
    await systemSays(pid, 'stat');
    const theirs = readdirSync(`/proc/${pid}/fd`).map((fd) =>
      readlinkSync(`/proc/${pid}/fd/${fd}`),
    );
    expect(ours).toContain(path);
    const shared = theirs.filter((link) => /^(\/|socket)/.test(link) && ours.includes(link));
    expect(shared.filter((link) => link !== '/dev/null')).toEqual([]);
    await file.close();
    server.close();
  });

  it('has limits on data, descriptors and core dumps', async () => {
    const limits = await systemSays(reader().pid, 'limits');
    expect(limits).toMatch(/Max core file size +0 +0 /);
    expect(limits).toMatch(/Max open files +256 +256 /);
    const bytes = RESOURCES.memoryBytes + 4 * 2 ** 30;
    expect(limits).toMatch(new RegExp(`Max data size +${bytes} +${bytes} `));
  });

  it('can’t take more memory than the system gives it', async () => {
    const child = reader({ entry: DISOBEDIENT });
    child.send('allocate');
    const [said] = (await once(child, 'message')) as [unknown];
    expect(said).toMatch(/alloc/i);
  });

  it('is killed together with what it has started', async () => {
    const child = reader({ entry: DISOBEDIENT });
    child.send('spawn');
    const [grandchild] = (await once(child, 'message')) as [number];
    expect(existsSync(`/proc/${grandchild}`)).toBe(true);
    killReader(child);
    const [, signal] = (await once(child, 'exit')) as [number | null, string];
    expect(signal).toBe('SIGKILL');
    await vi.waitFor(() => {
      const state = existsSync(`/proc/${grandchild}/stat`)
        ? readFileSync(`/proc/${grandchild}/stat`, 'utf8')
        : ' Z ';
      expect(state).toContain(' Z ');
    }, 10_000);
  });

  it('ends by itself when its time is over and nobody kills it', async () => {
    const path = join(folder, 'endless.db');
    new DatabaseSync(path).close();
    const query = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
      SELECT count(*) AS a, 1 AS y FROM n`;
    const selection = { task: 'tabular', target: 'y', features: undefined } as const;
    const load = { path, query, limits: LIMITS, selection, output: join(folder, 'endless') };
    const child = reader();
    // A time so far in the past that the grace for the parent is over in a second.
    child.send({ kind: 'sqlite-load', folder, load, resources: RESOURCES, seconds: -4 });
    const [, signal] = (await once(child, 'exit')) as [number | null, string];
    expect(signal).toBe('SIGKILL');
  });
});
