import { execFileSync } from 'node:child_process';
import { link, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { openInRoots } from '../../../../activities/sources/files/open-in-roots.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = await temporaryFolder();
const root = join(folder, 'allowed');
const second = join(folder, 'second');
const sibling = join(folder, 'allowed_evil');
for (const path of [root, second, sibling, join(root, 'sub')]) await mkdir(path);
await writeFile(join(root, 'train.csv'), 'inside');
await writeFile(join(root, 'sub', 'deep.csv'), 'deep');
await writeFile(join(second, 'other.csv'), 'second');
await writeFile(join(second, 'train.csv'), 'shadowed');
await writeFile(join(sibling, 'secret.csv'), 'outside');
await writeFile(join(root, 'empty.csv'), '');

async function read(path: string, roots = [root, second], maxBytes = 1_000): Promise<string> {
  const { handle } = await openInRoots(path, roots, maxBytes);
  try {
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

const failure = (path: string, roots?: string[], maxBytes?: number) =>
  read(path, roots, maxBytes).then(
    (content) => ({ content }),
    (error: { code: string; message: string; hint: string }) => error,
  );

describe('openInRoots', () => {
  it('opens files in each root in turn, by relative and absolute path', async () => {
    expect(await read('train.csv')).toBe('inside');
    expect(await read('sub/deep.csv')).toBe('deep');
    expect(await read('./sub//deep.csv')).toBe('deep');
    expect(await read('other.csv')).toBe('second');
    expect(await read(join(root, 'sub', 'deep.csv'))).toBe('deep');
    expect(await read('train.csv', [join(folder, 'missing'), second])).toBe('shadowed');
  });

  it('follows links that stay inside, also out of a root that is one itself', async () => {
    await symlink('sub/deep.csv', join(root, 'inner.csv'));
    await symlink(root, join(folder, 'alias'));
    expect(await read('inner.csv')).toBe('deep');
    expect(await read('train.csv', [join(folder, 'alias')])).toBe('inside');
    expect(await read(join(folder, 'alias', 'train.csv'), [join(folder, 'alias')])).toBe('inside');
  });

  it.each([
    '../allowed_evil/secret.csv',
    'sub/../../allowed_evil/secret.csv',
    'sub/..',
    '..',
    join(sibling, 'secret.csv'),
    '/etc/passwd',
    '/etc/shadow-that-is-not-there',
    `${root}_evil/secret.csv`,
    'file:///etc/passwd',
    'https://example.org/x.csv',
    's3://bucket/key',
    'C:\\data.csv',
    'sub\\deep.csv',
    '~/train.csv',
    '~root/x',
    'sub/~x',
    '*.csv',
    'tr?in.csv',
    '[t]rain.csv',
    '{train,other}.csv',
    'train.csv\0.txt',
    'train\n.csv',
    'tr\u202eain.csv',
    '',
    'x'.repeat(2_000),
  ])('refuses %j before it looks for it', async (path) => {
    expect(await failure(path)).toMatchObject({ code: 'PATH_NOT_ALLOWED' });
  });

  it('refuses links that lead outside, wherever in the path they stand', async () => {
    await symlink(join(sibling, 'secret.csv'), join(root, 'leak.csv'));
    await symlink(sibling, join(root, 'leakfolder'));
    await symlink('leak.csv', join(root, 'chain.csv'));
    await symlink('loop.csv', join(root, 'loop.csv'));
    await symlink('/dev/zero', join(root, 'zero.csv'));
    await symlink('/proc/self/environ', join(root, 'environ.csv'));
    for (const path of [
      'leak.csv',
      'leakfolder/secret.csv',
      'chain.csv',
      'loop.csv',
      'zero.csv',
      'environ.csv',
    ]) {
      expect(await failure(path)).toMatchObject({ code: 'PATH_NOT_ALLOWED' });
    }
  });

  it('refuses what is no regular file, without waiting for it', async () => {
    execFileSync('/bin/sh', ['-c', 'mkfifo "$0"', join(root, 'pipe.csv')]);
    for (const path of ['pipe.csv', 'sub', '.', '/', 'empty.csv']) {
      const { code } = (await failure(path)) as { code: string };
      expect(['FILE_UNREADABLE', 'PATH_NOT_ALLOWED']).toContain(code);
    }
    expect(await failure('train.csv/x')).toMatchObject({ code: 'FILE_NOT_FOUND' });
  });

  it('refuses a file above the limit', async () => {
    expect(await failure('train.csv', [root], 5)).toMatchObject({ code: 'BYTE_LIMIT' });
    expect(await read('train.csv', [root], 6)).toBe('inside');
  });

  it('hints at names that are near, and only at those in the roots', async () => {
    expect(await failure('tran.csv')).toMatchObject({
      code: 'FILE_NOT_FOUND',
      hint: 'Did you mean “train.csv”?',
    });
    expect((await failure('sub/quite-different.csv')) as { hint: string }).toMatchObject({
      hint: 'The data files there are “deep.csv”.',
    });
    const leaked = (await failure('leakfolder/secre.csv')) as { hint: string };
    expect(leaked.hint).not.toContain('secret');
  });

  it('never opens anything outside, whatever the path', async () => {
    const part = fc.oneof(
      fc.constantFrom(
        '..',
        '.',
        '',
        'sub',
        'train.csv',
        'leakfolder',
        'secret.csv',
        '~',
        '*',
        '\0',
      ),
      fc.string({ maxLength: 6 }),
    );
    const contents = new Set(['inside', 'deep', 'second', 'shadowed']);
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 6 }), fc.boolean(), async (parts, absolute) => {
        const path = (absolute ? `${root}/` : '') + parts.join('/');
        const result = await failure(path);
        if ('content' in result) expect(contents).toContain(result.content);
      }),
      { numRuns: 300 },
    );
  });

  it('leaves no descriptor open', async () => {
    const open = async () =>
      (await readFile('/proc/self/status', 'utf8').catch(() => '')) &&
      (await import('node:fs')).readdirSync('/proc/self/fd').length;
    await failure('leak.csv');
    const before = await open();
    for (let i = 0; i < 50; i++) {
      await failure('leak.csv');
      await failure('train.csv', [root], 5);
      await failure('sub');
    }
    expect(await open()).toBeLessThanOrEqual(before as number);
  });

  it('opens a hard link like the file it is', async () => {
    await link(join(root, 'train.csv'), join(root, 'hard.csv'));
    expect(await read('hard.csv')).toBe('inside');
  });
});
