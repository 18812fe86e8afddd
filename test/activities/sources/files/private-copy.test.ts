import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it, vi } from 'vitest';

import { hashFile } from '../../../../activities/sources/files/hash-file.ts';
import { copyAndHash } from '../../../../activities/sources/files/private-copy.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = await temporaryFolder();
const { signal } = new AbortController();

async function source(name: string, content: Uint8Array) {
  const path = join(folder, name);
  await writeFile(path, content);
  return { path, handle: await open(path), realPath: path, size: content.length };
}

describe('copyAndHash', () => {
  it('copies every byte and hashes them', async () => {
    const content = Buffer.alloc(9_000_001, 'some bytes that repeat. ');
    const file = await source('whole', content);
    const target = join(folder, 'whole.copy');
    const sha256 = await copyAndHash(file, target, { maxBytes: 1e8, signal });
    await file.handle.close();
    expect(sha256).toBe(createHash('sha256').update(content).digest('hex'));
    expect((await readFile(target)).equals(content)).toBe(true);
  });

  it('stops at the limit even if the file was smaller when it was opened', async () => {
    const file = await source('grown', Buffer.from('small'));
    await appendFile(file.path, 'and then more');
    await expect(
      copyAndHash(file, join(folder, 'grown.copy'), { maxBytes: 10, signal }),
    ).rejects.toMatchObject({ code: 'BYTE_LIMIT' });
    await file.handle.close();
  });

  it('refuses a file that changes meanwhile', async () => {
    const file = await source('changing', Buffer.alloc(20_000_000));
    const copying = copyAndHash(file, join(folder, 'changing.copy'), { maxBytes: 1e8, signal });
    await appendFile(file.path, 'x');
    await expect(copying).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    await file.handle.close();
  });

  it('stops when it is told to', async () => {
    const file = await source('stopped', Buffer.from('content'));
    await expect(
      copyAndHash(file, join(folder, 'stopped.copy'), {
        maxBytes: 100,
        signal: AbortSignal.abort(new Error('told to stop')),
      }),
    ).rejects.toThrow('told to stop');
    await file.handle.close();
  });

  it('takes no more than it may of a file that another process never stops writing', async () => {
    const file = await source('endless', Buffer.alloc(1 << 20));
    const writer = spawn('/bin/sh', [
      '-c',
      'while :; do head -c 1000000 /dev/zero; done >> "$0"',
      file.path,
    ]);
    try {
      await vi.waitFor(async () =>
        expect((await file.handle.stat()).size).toBeGreaterThan(2 << 20),
      );
      const target = join(folder, 'endless.copy');
      await expect(
        copyAndHash(file, target, { maxBytes: 20_000_000, signal }),
      ).rejects.toMatchObject({
        code: expect.stringMatching(/BYTE_LIMIT|FILE_UNREADABLE/) as string,
      });
      expect((await stat(target)).size).toBeLessThanOrEqual(20_000_000);
      await expect(hashFile(file, signal)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    } finally {
      writer.kill('SIGKILL');
      await once(writer, 'exit');
      await file.handle.close();
      await rm(file.path);
    }
  });
});
