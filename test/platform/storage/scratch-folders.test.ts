import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createScratchFolders } from '../../../platform/storage/scratch-folders.ts';

const MODULE = new URL('../../../platform/storage/scratch-folders.ts', import.meta.url).href;
const DAY_SECONDS = 86_400;

let root: string;
beforeEach(async () => (root = await mkdtemp(join(tmpdir(), 'scratch-folders-'))));
afterEach(() => rm(root, { recursive: true, force: true }));

/** A process that works in a scratch folder below `root`, and how to kill it. */
async function startOwner() {
  const script = `
    const { createScratchFolders } = await import(${JSON.stringify(MODULE)});
    await createScratchFolders(${JSON.stringify(root)}).withFolder((folder) => {
      console.log(folder);
      return new Promise(() => setInterval(() => {}, 1e6));
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  return { folder: String(line).trim(), kill };
}

describe('sweep', () => {
  it('removes the folders of a killed process, and no living one’s', async () => {
    const [killed, living] = await Promise.all([startOwner(), startOwner()]);
    await writeFile(join(killed.folder, 'dataset'), 'rows');
    await killed.kill();
    const folders = createScratchFolders(root);
    try {
      await folders.withFolder(async (own) => {
        await folders.sweep();
        const left = [own, living.folder].map((folder) => basename(folder));
        expect((await readdir(root)).sort()).toEqual(left.sort());
      });
    } finally {
      await living.kill();
    }
  });

  it('removes what an earlier process with the same number left in this place', async () => {
    const folders = createScratchFolders(root);
    const own = await folders.withFolder(async (folder) => basename(folder));
    await mkdir(join(root, own));
    const before = performance.timeOrigin / 1000 - 60;
    await utimes(join(root, own), before, before);
    await folders.sweep();
    expect(await readdir(root)).toEqual([]);
  });

  it('goes by the age where the owner is on another machine', async () => {
    const fresh = '0123456789ab-1-fresh';
    const old = '0123456789ab-1-old';
    for (const name of [fresh, old]) await mkdir(join(root, name));
    const before = Date.now() / 1000 - DAY_SECONDS - 60;
    await utimes(join(root, old), before, before);
    await createScratchFolders(root).sweep();
    expect(await readdir(root)).toEqual([fresh]);
  });

  it('has nothing to do in a store that nobody has written to', async () => {
    await expect(createScratchFolders(join(root, 'none')).sweep()).resolves.toBeUndefined();
  });
});
