import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { freePort } from '../../local/ports.ts';
import { processTable } from '../../local/process-table.ts';
import { operationsEffort } from '../support/operations-effort.ts';
import { pack, ROOT } from './packed.ts';

/** With npm's and Python's packages as on a new machine; otherwise with those that are here. */
const whole = operationsEffort > 1;

let folder: string;
let tarball: string;
let home: string;
let here: string;
let environment: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'package-test-'));
  tarball = await pack(folder);
  here = join(folder, 'here');
  await mkdir(here);
  const unpacked = join(folder, 'package', 'dist');
  environment = {
    PATH: `${whole ? '' : `${dirname(inject('python'))}${delimiter}`}${process.env['PATH']}`,
    ...Object.fromEntries(
      Object.entries(process.env).filter(([name]) =>
        /^(HOME|LANG|TMPDIR|.*(CERT|CA_).*|PIP_.*)$/.test(name),
      ),
    ),
    XDG_CACHE_HOME: join(folder, 'cache'),
    npm_config_cache: join(folder, 'npm'),
  };
  const { homeOfPackage, copyPackage } = (await import(
    join(unpacked, 'local', 'package-home.mjs')
  )) as {
    homeOfPackage: (root: string, env: Readonly<Record<string, string>>) => string;
    copyPackage: (root: string, home: string) => void;
  };
  home = homeOfPackage(unpacked, environment);
  if (whole) return;
  copyPackage(unpacked, home);
  await symlink(join(ROOT, 'node_modules'), join(home, 'node_modules'));
});
afterAll(async () => {
  for (const { pid } of await ours()) process.kill(pid, 'SIGKILL');
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** Living processes that have to do with this package: they name its folder. */
const ours = async () =>
  (await processTable()).filter(
    ({ pid, command }) => pid !== process.pid && command.includes(basename(folder)),
  );

const npx = (...args: string[]): [string, string[]] => [
  'npx',
  ['--yes', `--package=file:${tarball}`, 'durable-experiments', ...args],
];

async function filesIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((name) => !name.includes('node_modules'))
    .sort();
}

describe('the tarball', () => {
  it('holds the product in JavaScript, and nothing of the machine that made it', async () => {
    const files = await filesIn(join(folder, 'package'));
    const names = files.map((path) => path.slice(join(folder, 'package').length + 1));
    const kinds =
      /^(README\.md|LICENSE|package\.json|dist\/.*\.(js|mjs)|dist\/package(-lock)?\.json|dist\/build-id|dist\/local\/requirements\.txt)$/;
    expect(names.filter((name) => !kinds.test(name))).toEqual([]);
    expect(names).toContain('dist/cli/main.js');
    expect(names).toContain('LICENSE');
    for (const path of files) {
      const text = await readFile(path, 'utf8');
      const map = /sourceMappingURL=data:[^,]*,(.*)/.exec(text)?.[1] ?? '';
      for (const place of [ROOT, `${homedir()}/`, `${tmpdir()}/`]) {
        expect(text + Buffer.from(map, 'base64').toString(), path).not.toContain(place);
      }
    }
    expect((await stat(tarball)).size).toBeLessThan(1_500_000);
  });

  it('has npm install nothing but itself', async () => {
    const manifest = JSON.parse(
      await readFile(join(folder, 'package', 'package.json'), 'utf8'),
    ) as Record<string, unknown>;
    expect(
      Object.keys(manifest).filter((key) => /dependencies|scripts|private/i.test(key)),
    ).toEqual([]);
    const { packages } = JSON.parse(
      await readFile(join(folder, 'package', 'dist', 'package-lock.json'), 'utf8'),
    ) as { packages: Record<string, { resolved?: string }> };
    for (const { resolved = '' } of Object.values(packages)) {
      expect(resolved).toMatch(/^(https:\/\/registry\.npmjs\.org\/.*)?$/);
    }
  });
});

describe('npx durable-experiments', { timeout: whole ? 900_000 : 300_000 }, () => {
  it('speaks MCP over stdio, and nothing but MCP, from the first start on', async () => {
    const [command, args] = npx('stdio');
    const transport = new StdioClientTransport({
      ...{ command, args, cwd: here, stderr: 'ignore' },
      env: {
        ...environment,
        STATE_DIR: join(folder, 'stdio'),
        TEMPORAL_ADDRESS: inject('temporal'),
        MLFLOW_TRACKING_URI: inject('mlflow'),
      },
    });
    const strange: Error[] = [];
    const client = new Client({ name: 'test', version: '1.0.0' });
    client.onerror = (error) => strange.push(error);
    await client.connect(transport, { timeout: 600_000 });
    const { tools } = await client.listTools();
    await client.close();

    expect(tools.map(({ name }) => name)).toContain('mlflow_run_experiment');
    expect(strange).toEqual([]);
    await expect.poll(ours, { timeout: 30_000 }).toEqual([]);
  });

  it('does here what npm start does in a clone, and SIGTERM to npx ends all of it', async () => {
    const before = await filesIn(home);
    const [command, args] = npx();
    const PORT = String(await freePort());
    const product = spawn(command, args, {
      cwd: here,
      env: {
        ...{ ...environment, PORT, TEMPORAL_PORT: String(await freePort()) },
        TEMPORAL_UI_PORT: String(await freePort()),
        MLFLOW_PORT: String(await freePort()),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const printed = await untilReady(product);
    const runId = /run (\w{32})/.exec(printed)?.[1];

    const health = (await (await fetch(`http://127.0.0.1:${PORT}/health`)).json()) as object;
    expect(health).toMatchObject({ status: 'healthy' });
    const answer = await fetch(`http://127.0.0.1:${PORT}/invoke`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ tool: 'mlflow.get_run', params: { run_id: runId } }),
    });
    expect(await answer.json()).toMatchObject({ result: { run_id: runId, status: 'FINISHED' } });

    expect((await readdir(here)).sort()).toEqual(['.state', 'data']);
    const modes = async (path: string) => ((await stat(join(here, path))).mode & 0o777).toString(8);
    expect(await modes('.state')).toBe('700');
    for (const file of ['temporal/temporal.db', 'mlflow/mlflow.db', 'demo-run.json']) {
      expect(await modes(join('.state', file)), file).toBe('600');
    }
    expect(await filesIn(home)).toEqual(before);

    product.kill('SIGTERM');
    await expect.poll(ours, { timeout: 30_000 }).toEqual([]);
  });

  it('is the entry to every command', async () => {
    const run = async (...args: string[]) => {
      const [command, all] = npx(...args);
      return (await promisify(execFile)(command, all, { cwd: here, env: environment })).stdout;
    };
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
      version: string;
    };
    const [told, schema] = await Promise.all([run('--version'), run('audit', 'schema')]);
    expect(told).toBe(`${version}\n`);
    expect(JSON.parse(schema)).toHaveProperty('anyOf');
  });
});

/** What the product has printed when it is ready. */
async function untilReady(product: ChildProcess): Promise<string> {
  let printed = '';
  const exited = once(product, 'exit');
  const ready = new Promise<void>((resolve) => {
    for (const output of [product.stdout, product.stderr]) {
      output?.on('data', (chunk: Buffer) => {
        printed += String(chunk);
        if (printed.includes('Ready. Ctrl-C stops everything.')) resolve();
      });
    }
  });
  await Promise.race([
    ready,
    exited.then(([code]) => {
      throw new Error(`The product has ended with ${code}:\n${printed}`);
    }),
  ]);
  return printed;
}
