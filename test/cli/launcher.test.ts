import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Stands in for npm: notes that it ran, and makes the node_modules that the product's Node needs. */
const NPM = `#!/bin/sh
echo "$*" >> "$BASE/npm-ran"
echo "npm says something on stdout"
[ -e "$BASE/offline" ] && exit 1
mkdir -p node_modules/.bin node_modules/node
echo '{"version":"${process.versions.node}"}' > node_modules/node/package.json
ln -sf "${process.execPath}" node_modules/.bin/node
`;
/** Stands in for the product: tells where it runs, and ends with a code or upon SIGTERM. */
const MAIN = `
import { endWithParent } from './end-with-parent.mjs';
export const answer = ([name]) => (name === '--version' ? (console.log('1.2.3'), 0) : undefined);
export async function main() {
  endWithParent(process.env);
  const [name, code] = process.argv.slice(2);
  const waiting = setInterval(() => {}, 1000);
  process.on('SIGTERM', () => { clearInterval(waiting); process.exitCode = 7; });
  console.log(JSON.stringify({ pid: process.pid, file: import.meta.filename }));
  if (name === 'end') process.exit(Number(code));
}
if (import.meta.main) await main();
`;

let base: string;
let launcher: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'launcher-'));
  const dist = join(base, 'package', 'dist');
  const files = {
    'cli/main.js': MAIN,
    'package.json': JSON.stringify({ version: '1.2.3', type: 'module' }),
    'package-lock.json': JSON.stringify({ packages: { '': {} } }),
    'build-id': 'abc\n',
    '../../bin/npm': NPM,
  };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(dist, name)), { recursive: true });
    await writeFile(join(dist, name), text);
  }
  for (const folder of ['cli', 'local']) {
    const scripts = (await readdir(join(ROOT, folder))).filter((name) => name.endsWith('.mjs'));
    for (const name of scripts) await cp(join(ROOT, folder, name), join(dist, folder, name));
  }
  await chmod(join(base, 'bin', 'npm'), 0o755);
  launcher = join(dist, 'cli', 'durable-experiments.mjs');
});
afterEach(() => rm(base, { recursive: true, force: true }));

interface Start {
  readonly args: readonly string[];
  /** The version that Node says to have; one below 24 has the launcher start another. */
  readonly node?: string;
  readonly env?: Readonly<Record<string, string>>;
}

function start({ args, node = process.versions.node, env = {} }: Start): ChildProcess {
  const disguise = `Object.defineProperty(process, 'versions', { value: { node: '${node}' } })`;
  return spawn(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(disguise)}`, launcher, ...args],
    {
      env: { PATH: `${join(base, 'bin')}:/bin:/usr/bin`, BASE: base, XDG_CACHE_HOME: base, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
}

async function run(options: Start) {
  const child = start(options);
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (stdout += String(chunk)));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += String(chunk)));
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout, stderr };
}

const npmRuns = async () =>
  (await readFile(join(base, 'npm-ran'), 'utf8').catch(() => '')).split('\n').filter(Boolean);
const home = () => join(base, 'durable-experiments', '1.2.3-abc');

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('the launcher of the package', () => {
  it('installs once, into the user’s cache, and leaves stdout to the command', async () => {
    const before = await readdir(join(base, 'package'), { recursive: true });
    const first = await run({ args: ['end', '0'] });
    const second = await run({ args: ['end', '3'], node: '20.19.0' });

    expect(await npmRuns()).toEqual(['ci --omit=dev']);
    expect(first.stderr).toMatch(/Installing[^]*npm says[^]*Packages installed/);
    expect(JSON.parse(first.stdout)).toMatchObject({ file: join(home(), 'cli', 'main.js') });
    expect(second).toMatchObject({ code: 3, stderr: '' });
    expect(JSON.parse(second.stdout)).toMatchObject({ file: join(home(), 'cli', 'main.js') });
    expect(await readdir(join(base, 'package'), { recursive: true })).toEqual(before);
  });

  it('answers what needs no packages without them', async () => {
    expect(await run({ args: ['--version'], node: '20.19.0' })).toEqual({
      ...{ code: 0, stdout: '1.2.3\n', stderr: '' },
    });
    expect(await npmRuns()).toEqual([]);
  });

  it('says what stands in the way, and what to do', async () => {
    const args = ['end', '0'];
    const old = await run({ args, node: '20.18.3' });
    expect(old).toMatchObject({ code: 1, stdout: '' });
    expect(old.stderr).toMatch(/^This is Node 20\.18\.3, but 20\.19 or newer is needed\..*\n$/);

    const closed = await run({ args, env: { XDG_CACHE_HOME: '/dev/null' } });
    expect(closed).toMatchObject({ code: 1, stdout: '' });
    expect(closed.stderr).toMatch(/^\/dev\/null\/.*can’t be written.*Set XDG_CACHE_HOME.*\n$/);

    const without = await run({ args, env: { PATH: '/nowhere' } });
    expect(without).toMatchObject({ code: 1, stdout: '' });
    expect(without.stderr).toContain('npm was not found. Install Node with npm');

    await writeFile(join(base, 'offline'), '');
    const offline = await run({ args });
    expect(offline).toMatchObject({ code: 1, stdout: '' });
    expect(offline.stderr).toMatch(/npm ci failed \(exit code 1\).*network.*run the same command/);

    await rm(join(base, 'offline'));
    expect(await run({ args })).toMatchObject({ code: 0 });
  });

  it('passes signals on, and the exit code back', async () => {
    await run({ args: ['end', '0'] });
    const child = start({ args: ['wait'], node: '20.19.0' });
    const [line] = (await once(child.stdout!, 'data')) as [Buffer];
    expect((JSON.parse(String(line)) as { pid: number }).pid).not.toBe(child.pid);

    child.kill('SIGTERM');

    expect((await once(child, 'exit'))[0]).toBe(7);
  });

  it('takes the product with it when it is killed', async () => {
    await run({ args: ['end', '0'] });
    const child = start({ args: ['wait'], node: '20.19.0' });
    const [line] = (await once(child.stdout!, 'data')) as [Buffer];
    const { pid } = JSON.parse(String(line)) as { pid: number };
    expect(isAlive(pid)).toBe(true);

    child.kill('SIGKILL');

    await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false);
  });
});
