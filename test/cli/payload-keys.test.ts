import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { parseKeys } from '../../platform/codec/keyring.ts';

const COMMAND = new URL('../../cli/payload-keys.ts', import.meta.url).pathname;

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'payload-keys-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const path = (): string => join(folder, 'payload.keys');
const keys = async () => parseKeys(await readFile(path(), 'utf8'), path());
const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, [COMMAND, ...args], {
    // Nobody listens there: the retention stays unknown.
    env: { ...process.env, PAYLOAD_KEYS_FILE: path(), TEMPORAL_ADDRESS: '127.0.0.1:1' },
  });

describe('npm run payload-keys', () => {
  it('lists the keys by their ids, without the keys', async () => {
    const { stdout } = await run();
    const [key] = await keys();
    expect(stdout).toMatch(new RegExp(`${key!.id} .* encrypts`));
    expect(stdout).not.toContain(key!.bytes.toString('base64'));
  });

  it('rotate puts a new key first, and loses none of several that are added at once', async () => {
    await run();
    const [first] = await keys();
    const [{ stdout }] = await Promise.all([run('rotate'), run('rotate'), run('rotate')]);
    const after = await keys();
    expect(after).toHaveLength(4);
    expect(after.at(-1)).toEqual(first);
    expect(stdout).toMatch(new RegExp(`${first!.id} .* decrypts; remove it when`));
    // Whatever this shell’s ENCRYPT_BLOBS is: the servers’ may be another.
    expect(stdout).toContain('Keep every key that was there while ENCRYPT_BLOBS was on');
    expect((await stat(path())).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['payload.keys']);
  });

  it('refuses what it does not know, and leaves the keys alone', async () => {
    await expect(run('rotat')).rejects.toMatchObject({ code: 2 });
    expect(await readdir(folder)).toEqual([]);
  });
});
