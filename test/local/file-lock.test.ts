import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withFileLock } from '../../local/file-lock.mjs';

let folder: string;
let lock: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-lock-'));
  lock = join(folder, 'lock');
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('withFileLock', () => {
  it('lets one in at a time, and tells the others who is inside', async () => {
    let inside = 0;
    let most = 0;
    const waitedFor: number[] = [];
    const options = { onWait: (holder: number) => waitedFor.push(holder) };
    const work = async () => {
      most = Math.max(most, ++inside);
      // Several turns of the event loop, in which another one could get in.
      for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
      inside--;
      return 'done';
    };

    const results = await Promise.all([1, 2, 3].map(() => withFileLock(lock, options, work)));

    expect(results).toEqual(['done', 'done', 'done']);
    expect(most).toBe(1);
    expect(waitedFor).toEqual([process.pid, process.pid]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is free again after work that failed', async () => {
    const failing = withFileLock(lock, {}, () => Promise.reject(new Error('no disk')));
    await expect(failing).rejects.toThrow('no disk');

    expect(await withFileLock(lock, {}, () => Promise.resolve(1))).toBe(1);
  });

  it('takes over from a process that is gone', async () => {
    const gone = spawn(process.execPath, ['--version']);
    await once(gone, 'exit');
    await writeFile(lock, String(gone.pid));

    expect(await withFileLock(lock, {}, () => readFile(lock, 'utf8'))).toBe(String(process.pid));
  });

  it('belongs also to a child it is shared with', async () => {
    const holder = await withFileLock(lock, {}, (share) => {
      share(4711);
      return readFile(lock, 'utf8');
    });

    expect(holder).toBe(`${process.pid} 4711`);
  });
});
