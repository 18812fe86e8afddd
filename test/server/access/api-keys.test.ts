import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createLogger } from '../../../platform/logging.ts';
import type { Scope } from '../../../schemas/caller.ts';
import { readConfig } from '../../../schemas/config.ts';
import { makeKey } from '../../../server/access/api-key.ts';
import {
  createAuthentication,
  demandAuthentication,
  ownIdentity,
} from '../../../server/access/authentication.ts';
import { writeKeyList } from '../../../server/access/key-list.ts';
import { askingServer } from './asking-server.ts';
import { runCli } from './run-cli.ts';

let product: Awaited<ReturnType<typeof askingServer>>;
beforeEach(async () => {
  product = await askingServer();
});
afterEach(() => product.stop());

const about = (more: { name?: string; scopes?: Scope[]; expires?: string } = {}) => ({
  ...{ name: 'ci', tenant: 'acme', scopes: ['runs:read' as const], expires: null },
  ...more,
});
const keys = (...args: string[]) => runCli('keys', args, product.settings);
const status = async (url: string, key: string) =>
  (await fetch(`${url}/tools`, { headers: { authorization: `Bearer ${key}` } })).status;
const idOf = (key: string) => key.split('_')[1] ?? '';

describe('a key', () => {
  it('is made, listed, used and revoked, without a start of the server in between', async () => {
    const first = await keys('add', '--name', 'first', '--tenant', 'acme');
    expect(first.stdout).toMatch(/^dex_[0-9a-f]{12}_[\w-]{43}\n$/);
    const url = await product.start();
    const key = first.stdout.trim();
    expect(await status(url, key)).toBe(200);

    const second = (await keys('add', '--name', 'second', '--scopes', 'runs:read')).stdout.trim();
    expect(await status(url, second)).toBe(200);
    const listed = await keys('list');
    expect(listed.stdout).toMatch(/first {2}tenant acme {2}experiments:run,runs:read,runs:control/);
    expect(listed.stdout + listed.stderr).not.toContain(key);

    expect(await keys('revoke', idOf(key))).toMatchObject({ code: 0, stdout: '' });
    expect([await status(url, key), await status(url, second)]).toEqual([401, 200]);
    expect((await keys('revoke', idOf(key))).code).toBe(1);
  });

  it('is another one as soon as its file is, though it be as long as before', async () => {
    const [before, after] = [makeKey(about(), new Date(0)), makeKey(about(), new Date(0))];
    await writeKeyList(product.keysFile, [before.entry]);
    const url = await product.start();
    expect([await status(url, before.text), await status(url, after.text)]).toEqual([200, 401]);
    await writeKeyList(product.keysFile, [after.entry]);
    expect([await status(url, before.text), await status(url, after.text)]).toEqual([401, 200]);
  });

  it('is kept as a hash, in a file that only its owner reads', async () => {
    const key = (await keys('add', '--name', 'one')).stdout.trim();
    const text = await readFile(product.keysFile, 'utf8');
    expect(text).not.toContain(key.slice(17));
    expect((await stat(product.keysFile)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(product.keysFile))).mode & 0o777).toBe(0o700);
  });

  it('is made once where the first one is asked for', async () => {
    const first = await keys('add', '--first', '--name', 'compose');
    const again = await keys('add', '--first', '--name', 'compose');
    expect([first.code, again.code, again.stdout]).toEqual([0, 0, '']);
    expect(first.stderr).toContain('Start servers again');
  });

  it('of two that are made at once is not lost', async () => {
    const made = await Promise.all([1, 2].map((i) => keys('add', '--name', `key-${i}`)));
    const url = await product.start();
    for (const { stdout } of made) expect(await status(url, stdout.trim())).toBe(200);
  });

  it.each([
    [
      ['add', '--scopes', 'all', '--tenant', '../y', '--expires', 'soon'],
      /--name.*--tenant.*--scopes.*--expires/s,
    ],
    [['remove'], /Usage/],
  ])('is not made by %j', async (args, said) => {
    const { code, stdout, stderr } = await keys(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(said);
    await expect(stat(product.keysFile)).rejects.toThrow('ENOENT');
  });

  it('that is nearly right is refused, as is one that has expired', async () => {
    const now = new Date();
    const { text, entry } = makeKey(about(), now);
    const past = makeKey(about({ expires: new Date(now.getTime() - 1000).toISOString() }), now);
    const other = makeKey(about({ name: 'other' }), now);
    await writeKeyList(product.keysFile, [entry, past.entry, other.entry]);
    const url = await product.start();
    expect(await status(url, text)).toBe(200);
    const wrong = [
      ...[past.text, text.slice(0, -1), `${text}A`, text.toUpperCase(), `dex_${idOf(text)}_`],
      ...[
        text.replace(idOf(text), idOf(other.text)),
        entry.sha256,
        `dex_${entry.id}_${entry.sha256}`,
      ],
      ...['dex___proto_____x', `dex_${'0'.repeat(12)}_${text.slice(17)}`, 'dex_', '__proto__'],
    ];
    for (const key of wrong) expect(await status(url, key), key).toBe(401);
  });
});

describe('the file of keys', () => {
  const damages: [string, string][] = [
    ['cut off', '[{"id": "0123'],
    ['empty', ''],
    ['an entry that is none', '[{"id": "0123456789ab"}]'],
    ['a scope that there is not', ''],
  ];

  it.each(damages)('lets nobody in when it is damaged: %s', async (what, damage) => {
    const { text, entry } = makeKey(about(), new Date());
    await writeKeyList(product.keysFile, [entry]);
    const url = await product.start();
    expect(await status(url, text)).toBe(200);
    const damaged = what.includes('scope')
      ? JSON.stringify([{ ...entry, scopes: ['everything'] }])
      : damage;
    await writeFile(product.keysFile, damaged);
    expect(await status(url, text)).toBe(503);
    // Neither does the next start take it.
    await expect(product.start()).rejects.toThrow(/is damaged/);
    await writeKeyList(product.keysFile, [entry]);
    expect(await status(url, text)).toBe(200);
  });

  it('that goes missing opens no door', async () => {
    const { text, entry } = makeKey(about(), new Date());
    await writeKeyList(product.keysFile, [entry]);
    const url = await product.start();
    await rm(product.keysFile);
    expect(await status(url, text)).toBe(401);
    expect((await fetch(`${url}/tools`)).status).toBe(401);
  });

  it('with no key in it opens none, either', async () => {
    await writeKeyList(product.keysFile, []);
    expect((await fetch(`${await product.start()}/tools`)).status).toBe(401);
  });

  it('has to be there when the settings name it', async () => {
    const given = { API_KEYS_FILE: `${product.folder}/kyes.json` };
    await expect(product.start(given)).rejects.toThrow(/no file of keys .*kyes\.json/);
  });

  it('has to be readable: a folder in its place is no open door', async () => {
    await mkdir(product.keysFile, { recursive: true });
    await expect(product.start()).rejects.toThrow(/can’t be read/);
  });
});

describe('a server that nobody has given keys', () => {
  it('serves this machine, and asks nobody', async () => {
    expect((await fetch(`${await product.start()}/tools`)).status).toBe(200);
  });

  it.each([
    { HOST: '0.0.0.0' },
    { HOST: '::' },
    { HOST: '192.168.1.7' },
    { HOST: '127.0.0.1.evil.example' },
    { ALLOWED_HOSTS: 'localhost,experiments.example' },
    { PUBLIC_URL: 'https://experiments.example' },
  ])('does not start where others could reach it: %j', async (given) => {
    const config = readConfig({ ...product.settings, ...given });
    expect(() => demandAuthentication(config, undefined)).toThrow(/without asking who calls/);
    await expect(product.start(given)).rejects.toMatchObject({
      code: 'SETUP_FAILED',
      hint: expect.stringContaining('npm run keys -- add') as string,
    });
  });

  it.each(['server', 'start'] as const)('says so in one line: npm run %s', async (command) => {
    const { code, stderr } = await runCli(command, [], { ...product.settings, HOST: '0.0.0.0' });
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain('0.0.0.0');
  });
});

describe('on stdio', () => {
  const lines = (key: Record<string, string>) => {
    const line = { id: 1, method: 'mlflow.cancel_run', params: {}, ts_ms: Date.now() };
    const input = `${JSON.stringify(line)}\n`;
    return runCli('stdio', ['--lines'], { ...product.settings, ...key }, input);
  };

  it('whoever starts it has to show a key, and may do what that says', async () => {
    const { text, entry } = makeKey(about(), new Date());
    await writeKeyList(product.keysFile, [entry]);
    for (const key of [{}, { EXPERIMENTS_API_KEY: `${text.slice(0, -1)}-` }]) {
      const { code, stdout, stderr } = await lines(key);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr.trim()).toMatch(/^.*EXPERIMENTS_API_KEY.*$/);
    }
    const { code, stdout, stderr } = await lines({ EXPERIMENTS_API_KEY: text });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: 'SCOPE_MISSING' });
    expect(stderr).not.toContain(text);
  });

  it('is open where nobody has made keys', async () => {
    expect(JSON.parse((await lines({})).stdout)).toMatchObject({ error: 'INVALID_REQUEST' });
    const config = readConfig(product.settings);
    const authentication = await createAuthentication(config, createLogger('test', 'silent'));
    expect(await ownIdentity(config, authentication)).toBeUndefined();
  });
});
