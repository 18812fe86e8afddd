import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const LOCAL = fileURLToPath(new URL('../../local', import.meta.url));
const LOCK = {
  lockfileVersion: 3,
  packages: { '': {}, 'node_modules/left': { version: '1.0.0' } },
};

/** Stands in for npm: notes that it ran, and makes the node_modules that the project's Node needs. */
const NPM = `#!/bin/sh
echo "npm $*" >> npm-ran
echo "npm says something on stdout"
[ -e npm-must-fail ] && exit 7
while [ -e npm-must-wait ]; do sleep 0.05; done
mkdir -p node_modules/.bin node_modules/node
echo '{"version":"${process.versions.node}"}' > node_modules/node/package.json
ln -sf "${process.execPath}" node_modules/.bin/node
`;

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'install-'));
  await mkdir(join(root, 'local'));
  await mkdir(join(root, 'bin'));
  for (const file of ['install.mjs', 'file-lock.mjs']) {
    await copyFile(join(LOCAL, file), join(root, 'local', file));
  }
  await writeFile(join(root, 'bin', 'npm'), NPM);
  await chmod(join(root, 'bin', 'npm'), 0o755);
  await writeLock(LOCK);
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

const writeLock = (lock: object) =>
  writeFile(join(root, 'package-lock.json'), JSON.stringify(lock));
const npmRuns = async () =>
  (await readFile(join(root, 'npm-ran'), 'utf8').catch(() => '')).split('\n').filter(Boolean);

function install(onStderr: (text: string) => void = () => {}): Promise<{
  code: number | null;
  stdout: string;
  stderr: string;
}> {
  const { npm_execpath: _npm, ...env } = process.env;
  const child = spawn(process.execPath, [join(root, 'local', 'install.mjs')], {
    cwd: root,
    env: { ...env, PATH: `${join(root, 'bin')}:${env.PATH}` },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    onStderr(stderr);
  });
  return new Promise((resolve) => {
    child.once('close', (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}

describe('install.mjs', () => {
  it('runs npm ci once, tells of it on stderr and keeps stdout clean', async () => {
    const first = await install();
    const second = await install();

    expect(await npmRuns()).toEqual(['npm ci']);
    expect(first).toMatchObject({ code: 0, stdout: '' });
    expect(first.stderr).toContain('Installing npm packages');
    expect(second).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('goes by the content of the lock file, not by its date', async () => {
    await install();
    await utimes(join(root, 'package-lock.json'), new Date(), new Date(Date.now() + 60_000));
    await install();
    expect(await npmRuns()).toHaveLength(1);

    await writeLock({ ...LOCK, packages: { '': {}, 'node_modules/left': { version: '2.0.0' } } });
    await install();
    expect(await npmRuns()).toHaveLength(2);
  });

  it('installs once when started twice at a time', async () => {
    // npm goes on when the second one waits for it.
    const hold = join(root, 'npm-must-wait');
    await writeFile(hold, '');
    const release = (stderr: string) => {
      if (stderr.includes('Waiting for process')) rmSync(hold, { force: true });
    };

    const both = await Promise.all([install(release), install(release)]);

    expect(await npmRuns()).toHaveLength(1);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
  });

  it('accepts what somebody installed with npm itself', async () => {
    await install();
    await rm(join(root, 'node_modules', '.install-stamp'));
    const { packages } = LOCK;
    const { '': _project, ...installed } = packages;
    await writeFile(
      join(root, 'node_modules', '.package-lock.json'),
      JSON.stringify({ packages: installed }),
    );

    await install();

    expect(await npmRuns()).toHaveLength(1);
  });

  it('says what to do when npm fails, and tries again the next time', async () => {
    await writeFile(join(root, 'npm-must-fail'), '');
    const failed = await install();
    await rm(join(root, 'npm-must-fail'));
    const mended = await install();

    expect(failed).toMatchObject({ code: 1, stdout: '' });
    expect(failed.stderr).toContain('npm ci failed (exit code 7)');
    expect(mended.code).toBe(0);
    expect(await npmRuns()).toHaveLength(2);
  });
});
