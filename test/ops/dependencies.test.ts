import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const json = async <Shape>(name: string): Promise<Shape> =>
  JSON.parse(await readFile(`${root}${name}`, 'utf8')) as Shape;

interface Package {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly optional?: boolean;
}

describe('the dependencies', () => {
  it('are of one version each, from the registry, and known by their hashes', async () => {
    const { dependencies, devDependencies } =
      await json<Record<'dependencies' | 'devDependencies', Record<string, string>>>(
        'package.json',
      );
    for (const version of Object.values({ ...dependencies, ...devDependencies })) {
      expect(version).toMatch(/^\d+\.\d+\.\d+[\w.-]*$/);
    }
    const { packages } = await json<{ packages: Record<string, Package> }>('package-lock.json');
    const all = Object.entries(packages).filter(([path]) => path !== '');
    expect(all.length).toBeGreaterThan(100);
    for (const [path, { resolved, integrity, optional }] of all) {
      expect(resolved ?? '', path).not.toMatch(/^(git|file|http:)/);
      // Packages of other platforms, which the registry that made the file may not carry.
      if (!optional) expect(integrity, path).toMatch(/^sha512-/);
    }
  });
});

describe('npm run audit', () => {
  it.each([
    ['a vulnerability', 200, { hono: [{ id: 1, severity: 'critical', title: 'A hole' }] }, 1],
    ['a slight one', 200, { hono: [{ id: 1, severity: 'low', title: 'A scratch' }] }, 0],
    ['none', 200, {}, 0],
    ['a registry without advisories', 405, {}, 0],
  ])('of %s', async (_what, status, advisories, code) => {
    const registry = createServer((request, response) => {
      request.resume();
      response.writeHead(request.url?.includes('advisories') ? status : 404);
      response.end(JSON.stringify(withRanges(advisories)));
    }).listen(0, '127.0.0.1');
    await once(registry, 'listening');
    const { port } = registry.address() as AddressInfo;
    // npm remembers advisories.
    const npm_config_cache = await mkdtemp(join(tmpdir(), 'npm-cache-'));
    const npm_config_registry = `http://127.0.0.1:${port}/`;
    const audited = await promisify(execFile)(
      process.execPath,
      [`${root}ops/audit-dependencies.mjs`],
      { cwd: root, env: { ...process.env, npm_config_cache, npm_config_registry } },
    ).then(
      ({ stdout }) => ({ code: 0, said: stdout }),
      (error: { code: number; stderr: string }) => ({ code: error.code, said: error.stderr }),
    );
    registry.close();
    await rm(npm_config_cache, { recursive: true, force: true });
    expect(audited.code).toBe(code);
    expect(audited.said).toMatch(
      code === 1 ? /critical: hono .*A hole/ : status === 405 ? /not audited/ : /: 0 high/,
    );
  });
});

function withRanges(advisories: Readonly<Record<string, readonly object[]>>): object {
  const complete = { url: 'https://advisories.example/1', vulnerable_versions: '*', cwe: [] };
  return Object.fromEntries(
    Object.entries(advisories).map(([name, list]) => [
      name,
      list.map((advisory) => ({ ...complete, cvss: { score: 0 }, ...advisory })),
    ]),
  );
}
