import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findMlflow, findOnPath, findTemporal } from '../../local/executables.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'executables-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function program(name: string, says: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\necho '${says}'\n`);
  await chmod(path, 0o755);
  return path;
}

const search = () => {
  let installed = 0;
  return {
    env: { PATH: folder },
    python: () => {
      installed += 1;
      return Promise.resolve({ python: '/pinned/bin/python', bin: '/pinned/bin' });
    },
    installed: () => installed,
  };
};

describe('executables', () => {
  it('takes a temporal on PATH before the pinned one, and installs nothing then', async () => {
    const onPath = await program('temporal', 'temporal version 1.4.0');
    const given = search();

    expect(await findTemporal(given)).toBe(onPath);
    expect(given.installed()).toBe(0);
  });

  it('takes the pinned programs where PATH has none', async () => {
    expect(await findTemporal(search())).toBe('/pinned/bin/temporal');
    expect(await findMlflow(search())).toBe('/pinned/bin/mlflow');
  });

  it.each([
    ['mlflow, version 3.4.0', true],
    ['mlflow, version 2.22.1', false],
    ['command not understood', false],
  ])('%s on PATH: used %s', async (says, used) => {
    const onPath = await program('mlflow', says);

    expect(await findMlflow(search())).toBe(used ? onPath : '/pinned/bin/mlflow');
  });

  it('passes over folders and files that cannot be executed', async () => {
    await mkdir(join(folder, 'tool'));
    await writeFile(join(folder, 'note'), 'text');

    expect(await findOnPath('tool', { PATH: folder })).toBeUndefined();
    expect(await findOnPath('note', { PATH: folder })).toBeUndefined();
  });
});
