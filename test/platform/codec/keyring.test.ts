import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { replaceKeyFile } from '../../../platform/codec/key-file.ts';
import {
  createKeyring,
  formatKeys,
  newPayloadKey,
  parseKeys,
} from '../../../platform/codec/keyring.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyring-'));
  path = join(folder, 'keys', 'payload.keys');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a keyring', () => {
  it('is made at its first use, one key for all that start at once, for its owner only', async () => {
    const firsts = await Promise.all(Array.from({ length: 8 }, () => createKeyring(path).first()));
    expect(new Set(firsts.map(({ id }) => id)).size).toBe(1);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'keys'))).mode & 0o777).toBe(0o700);
  });

  it('is not made by somebody who only reads', async () => {
    expect(await createKeyring(path).find('0123456789abcdef')).toBeUndefined();
    await expect(stat(path)).rejects.toThrow('ENOENT');
  });

  it('finds a key that another process has added since', async () => {
    const keyring = createKeyring(path);
    const before = await keyring.first();
    const added = newPayloadKey();
    await replaceKeyFile(path, formatKeys([added, before]));

    expect((await keyring.find(added.id))?.bytes).toEqual(added.bytes);
    expect((await keyring.first()).id).toBe(added.id);
    expect((await keyring.find(before.id))?.bytes).toEqual(before.bytes);
  });

  it('does not show the key in its id', async () => {
    const { id, bytes } = newPayloadKey();
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect(bytes.toString('hex')).not.toContain(id);
  });

  it.each([
    ['a short key', '2026-01-01T00:00:00.000Z c2VjcmV0'],
    ['no date', `yesterday ${Buffer.alloc(32).toString('base64')}`],
    ['no key at all', '# a comment'],
  ])('with %s is refused in a sentence that does not quote it', async (_, text) => {
    await createKeyring(path).first();
    await writeFile(path, `${text}\n`);
    const refused = createKeyring(path).first();
    await expect(refused).rejects.toMatchObject({ code: 'SETUP_FAILED' });
    await expect(refused).rejects.not.toThrow(/c2VjcmV0|AAAA/);
  });

  it('reads what it has written', async () => {
    const keys = [newPayloadKey(), newPayloadKey()];
    await writeFile(join(folder, 'keys.txt'), formatKeys(keys));
    expect(parseKeys(await readFile(join(folder, 'keys.txt'), 'utf8'), 'keys.txt')).toEqual(keys);
  });
});
