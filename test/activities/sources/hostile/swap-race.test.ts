import { execFileSync, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { link, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';

import { afterAll, expect, it } from 'vitest';

import type { ReaderPool } from '../../../../activities/sources/child/reader-pool.ts';
import { directPool } from '../direct-pool.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { testReader } from '../test-reader.ts';
import { attacks, tell } from './effort.ts';

const CANARY = 'CANARY-outside-77c3';
const SEED = 8;
const OUTCOMES = ['FILE_NOT_FOUND', 'FILE_UNREADABLE', 'PATH_NOT_ALLOWED', 'read'];
const SWAPPER = fileURLToPath(new URL('./swap-names.ts', import.meta.url));

const folder = await temporaryFolder();
const [root, outside, cupboard] = ['root', 'outside', 'cupboard'].map((name) =>
  join(folder, name),
) as [string, string, string];
for (const path of [root, outside, cupboard, join(root, 'sub')]) await mkdir(path);
const inside = 'a,y\n1,x\n2,z\n3,x\n4,z\n';
const secret = `a,y\n${`8675309,${CANARY}\n5550123,${CANARY}-too\n`.repeat(2)}`;
await writeFile(join(cupboard, 'file'), inside);
await link(join(cupboard, 'file'), join(root, 'data.csv'));
await link(join(cupboard, 'file'), join(root, 'sub', 'data.csv'));
await writeFile(join(outside, 'data.csv'), secret);
await writeFile(join(outside, `${CANARY}.csv`), secret);
await symlink(join(outside, 'data.csv'), join(cupboard, 'link'));
await symlink('/dev/zero', join(cupboard, 'zero'));
await symlink(outside, join(cupboard, 'folder'));
await symlink(join(outside, 'absent'), join(cupboard, 'nowhere'));
execFileSync('/bin/sh', ['-c', 'mkfifo "$0"', join(cupboard, 'pipe')]);

/** What the readers were given, beside what they made of it. */
let copied = '';
const pool: ReaderPool = {
  ...directPool,
  run: async (task, options) => {
    const result = await directPool.run(task, options);
    if ('load' in task) copied = readFileSync(task.load.path, 'utf8');
    return result;
  },
};
const reader = await testReader({ dataRoots: [root], pool });

const swapper = fork(SWAPPER, [folder, String(SEED)]);
const swapping = new Promise((resolve) => swapper.once('message', resolve));
afterAll(async () => {
  // The folder can't be removed while somebody fills it.
  const ended = once(swapper, 'exit');
  if (swapper.kill('SIGKILL')) await ended;
});

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const [ours, theirs] = [digestOf(inside), digestOf(secret)];

/** One try in one of the ways in which a file is opened, and all that became of it. */
async function attempt(turn: number): Promise<{ readonly code: string; readonly told: string }> {
  const path = ['data.csv', 'sub/data.csv', 'sub/dat.csv'][turn % 3] as string;
  const source = { kind: 'file', path, format: 'csv', target: 'y' } as const;
  copied = '';
  const ways = [reader.load, reader.describe, reader.digest, reader.load];
  try {
    const result = await (ways[turn % 4] as (typeof ways)[0])(source);
    return { code: 'read', told: inspect(result, { depth: 9 }) + copied };
  } catch (error) {
    const { code } = error as { code?: string };
    return { code: code ?? 'untyped', told: inspect(error, { depth: 9 }) + copied };
  }
}

it(
  'reads nothing from outside while another process swaps files, links, folders and FIFOs',
  async () => {
    await swapping;
    const seen = new Map<string, number>();
    for (let turn = 0; turn < attacks(160); turn++) {
      const { code, told } = await attempt(turn);
      expect(told).not.toContain('CANARY');
      expect(told).not.toContain('8675309');
      expect(told).not.toContain(theirs);
      if (code === 'read') expect(told).toMatch(new RegExp(`'x'|name: 'y'|${ours}`));
      seen.set(code, (seen.get(code) ?? 0) + 1);
    }
    expect(swapper.exitCode).toBeNull();
    expect([...seen.keys()]).toEqual(expect.arrayContaining(['read', 'PATH_NOT_ALLOWED']));
    const rest = [...seen.keys()].filter((code) => !OUTCOMES.includes(code));
    expect(rest).toEqual([]);
    tell(`${attacks(160)} tries:`, Object.fromEntries(seen));
  },
  attacks(60_000),
);
