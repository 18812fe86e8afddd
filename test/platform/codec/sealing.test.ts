import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createSealer, loadSealKey } from '../../../platform/codec/sealing.ts';

const secret = 'postgresql://demo:s3cret@localhost/demo';

describe('a sealer', () => {
  it('opens what it sealed, and shows nothing of it', () => {
    const sealer = createSealer(randomBytes(32));
    const sealed = sealer.seal(secret);
    expect(sealer.open(sealed)).toBe(secret);
    expect(Buffer.from(sealed.data, 'base64').includes('s3cret')).toBe(false);
    expect(sealer.seal(secret)).not.toEqual(sealed);
  });

  it('does not open what another key sealed, nor what was changed', () => {
    const sealer = createSealer(randomBytes(32));
    const sealed = sealer.seal(secret);
    const other = createSealer(randomBytes(32));
    expect(() => other.open(sealed)).toThrow(
      expect.objectContaining({ code: 'CONNECTION_NOT_ALLOWED' }),
    );
    const data = Buffer.from(sealed.data, 'base64');
    data[0]! ^= 1;
    expect(() => sealer.open({ ...sealed, data: data.toString('base64') })).toThrow(
      expect.objectContaining({ code: 'CONNECTION_NOT_ALLOWED' }),
    );
  });
});

describe('the key file', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'sealing-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is made once, for its owner only, also when several start at once', async () => {
    const path = join(folder, 'keys', 'seal.key');
    const keys = await Promise.all(Array.from({ length: 8 }, () => loadSealKey(path)));
    expect(new Set(keys.map(String)).size).toBe(1);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'keys'))).toEqual(['seal.key']);
  });

  it('must hold a key', async () => {
    const path = join(folder, 'seal.key');
    await writeFile(path, 'secret\n');
    await expect(loadSealKey(path)).rejects.toMatchObject({ code: 'SETUP_FAILED' });
  });
});
