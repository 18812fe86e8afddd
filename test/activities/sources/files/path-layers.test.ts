import { execFileSync } from 'node:child_process';
import { renameSync, symlinkSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  openInRoots,
  PATH_LAYERS,
  type PathLayers,
} from '../../../../activities/sources/files/open-in-roots.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const CANARY = 'CANARY-outside-5e1f';
const folder = await temporaryFolder();
const root = join(folder, 'allowed');
const sibling = join(folder, 'allowed_evil');

beforeAll(async () => {
  for (const path of [root, sibling, join(root, 'sub'), join(root, 'deep')]) await mkdir(path);
  await writeFile(join(root, 'train.csv'), 'inside');
  await writeFile(join(sibling, `${CANARY}.csv`), CANARY);
  await writeFile(join(sibling, 'secret.csv'), CANARY);
  for (const [name, target] of [
    ['file.csv', join(sibling, 'secret.csv')],
    ['relative.csv', '../allowed_evil/secret.csv'],
    ['folder', sibling],
    ['chain.csv', 'folder/secret.csv'],
    ['up', '..'],
    ['everything', '/'],
    ['zero.csv', '/dev/zero'],
    ['environ.csv', '/proc/self/environ'],
    ['stdin.csv', '/dev/stdin'],
    ['magic', '/proc/self/root'],
    ['loop.csv', 'loop.csv'],
    ['dangling.csv', join(sibling, 'absent.csv')],
  ] as const) {
    await symlink(target, join(root, name));
  }
  execFileSync('/bin/sh', ['-c', 'mkfifo "$0"', join(root, 'pipe.csv')]);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(root, 'socket.csv'), resolve));
  afterAll(() => server.close());
});

/** Every layer, and every one of them taken away; then each of those two alone that know the disk. */
const off = {
  text: () => undefined,
  name: async (path: string) => path,
  descriptor: () => undefined,
} satisfies PathLayers;
const LAYERINGS: readonly [string, PathLayers][] = [
  ['all layers', PATH_LAYERS],
  ['the text unchecked', { ...PATH_LAYERS, text: off.text }],
  ['the name unchecked', { ...PATH_LAYERS, name: off.name }],
  ['the descriptor unchecked', { ...PATH_LAYERS, descriptor: off.descriptor }],
  ['only the descriptor checked', { ...off, descriptor: PATH_LAYERS.descriptor }],
  ['only the name checked', { ...off, name: PATH_LAYERS.name }],
];

const FILES_OUTSIDE = [
  '../allowed_evil/secret.csv',
  'sub/../../allowed_evil/secret.csv',
  './sub/.././../allowed_evil/secret.csv',
  join(sibling, 'secret.csv'),
  `${root}_evil/secret.csv`,
  `${root}/../allowed_evil/secret.csv`,
  `//${sibling}/secret.csv`,
  '/etc/passwd',
  '/proc/self/environ',
  '/dev/zero',
  'file.csv',
  'relative.csv',
  'folder/secret.csv',
  'chain.csv',
  'up/allowed_evil/secret.csv',
  'everything/etc/passwd',
  'zero.csv',
  'environ.csv',
  'stdin.csv',
  'magic/etc/passwd',
  'loop.csv',
  'dangling.csv',
  'folder/absent.csv',
];
const NO_FILES = ['sub', '.', './', 'sub/', 'folder', 'up', 'pipe.csv', 'socket.csv', 'everything'];
const ODD_NAMES = [
  '',
  '..',
  'sub/..',
  '~/train.csv',
  '~root/train.csv',
  'sub/~',
  '*.csv',
  'tr?in.csv',
  '[t]rain.csv',
  '{train,other}.csv',
  'train.csv\0',
  'train.csv\0.txt',
  'train\n.csv',
  'train.csv\r',
  'tr\u202eain.csv',
  'tr\u200bain.csv',
  'train\u2028.csv',
  '\ufefftrain.csv',
  'tr\ud800ain.csv',
  'C:\\train.csv',
  'sub\\train.csv',
  '\\\\server\\share\\train.csv',
  'file:train.csv',
  'file:///etc/passwd',
  'https://example.org/train.csv',
  's3://bucket/train.csv',
  'hf://datasets/x.parquet',
  'data:text/csv,a',
  'x'.repeat(300),
  `${'x'.repeat(200)}/`.repeat(5),
  'x/'.repeat(600),
  'x'.repeat(100_000),
];

async function attempt(path: string, layers: PathLayers) {
  try {
    const { handle } = await openInRoots(path, [root], 1_000, layers);
    const content = await handle.readFile('utf8').finally(() => handle.close());
    return { content };
  } catch (error) {
    return error as { code: string; message: string; hint: string };
  }
}

describe.each(LAYERINGS)('with %s', (_name, layers) => {
  it.each([...FILES_OUTSIDE, ...NO_FILES, ...ODD_NAMES])('%j is refused', async (path) => {
    const answer = await attempt(path, layers);
    expect(answer).toMatchObject({
      code: expect.stringMatching(/^(PATH_NOT_ALLOWED|FILE_NOT_FOUND|FILE_UNREADABLE)$/) as string,
    });
    expect(JSON.stringify([answer, { ...answer }])).not.toContain('CANARY');
  });

  it('an honest path is read', async () => {
    expect(await attempt('train.csv', layers)).toEqual({ content: 'inside' });
    expect(await attempt(join(root, 'train.csv'), layers)).toEqual({ content: 'inside' });
  });
});

describe('a name that is swapped between its check and its opening', () => {
  /** Follows the name as it should, and then swaps what it means. */
  const swapping = (swap: () => void, layers = PATH_LAYERS): PathLayers => ({
    ...layers,
    async name(path, realRoots) {
      const real = await PATH_LAYERS.name(path, realRoots);
      swap();
      return real;
    },
  });

  it('for a link is not followed', async () => {
    await writeFile(join(root, 'turn.csv'), 'inside');
    const swap = (): void => {
      symlinkSync(join(sibling, 'secret.csv'), join(root, 'turn.link'));
      renameSync(join(root, 'turn.link'), join(root, 'turn.csv'));
    };
    const layers = swapping(swap, { ...PATH_LAYERS, descriptor: off.descriptor });
    expect(await attempt('turn.csv', layers)).toMatchObject({ code: 'PATH_NOT_ALLOWED' });
  });

  it('in a folder that became a link is caught on the descriptor, and by nothing else', async () => {
    const swapped = (name: string) => () => {
      renameSync(join(root, name), join(root, `${name}.away`));
      symlinkSync(sibling, join(root, name));
    };
    for (const name of ['first', 'second']) {
      await mkdir(join(root, name));
      await writeFile(join(root, name, 'secret.csv'), 'inside');
    }
    expect(await attempt('first/secret.csv', swapping(swapped('first')))).toMatchObject({
      code: 'PATH_NOT_ALLOWED',
    });
    const unproven = swapping(swapped('second'), { ...PATH_LAYERS, descriptor: off.descriptor });
    expect(await attempt('second/secret.csv', unproven)).toEqual({ content: CANARY });
  });
});
