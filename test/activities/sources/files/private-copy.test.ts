import { createHash } from 'node:crypto';
import { appendFile, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

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
});
