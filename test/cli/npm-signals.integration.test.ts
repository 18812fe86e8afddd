import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { freePort } from '../../local/ports.ts';
import { groupMembers, signalGroup } from '../../local/process-table.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let stateDir: string;
const groups: number[] = [];

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'npm-signals-'));
});
afterAll(async () => {
  for (const group of groups) signalGroup(group, 'SIGKILL');
  await rm(stateDir, { recursive: true, force: true, maxRetries: 5 });
});

/** Starts a script of package.json, as its leader of a process group, and waits until it says `ready`. */
async function startByNpm(script: string, ready: string) {
  const npm = spawn('npm', ['run', script], {
    cwd: ROOT,
    env: {
      ...process.env,
      ...{
        STATE_DIR: join(stateDir, script),
        DATA_ROOTS: stateDir,
        PORT: String(await freePort()),
      },
      ...{ TEMPORAL_ADDRESS: inject('temporal'), MLFLOW_TRACKING_URI: inject('mlflow') },
      ...{ TEMPORAL_TASK_QUEUE: `npm-signals-${process.pid}`, LOG_LEVEL: 'info' },
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const group = npm.pid!;
  groups.push(group);
  const exited = once(npm, 'exit');
  let printed = '';
  await new Promise<void>((resolve, reject) => {
    for (const output of [npm.stdout, npm.stderr]) {
      output.on('data', (chunk: Buffer) => {
        printed += String(chunk);
        if (printed.includes(ready)) resolve();
      });
    }
    npm.once('exit', () => reject(new Error(printed)));
  });
  return { npm, group, exited };
}

describe('a signal to npm alone', () => {
  it.each([
    ['start', 'SIGTERM', 'Ready.'],
    ['server', 'SIGINT', 'server started'],
    ['worker', 'SIGTERM', 'worker started'],
  ] as const)('npm run %s ends with all it has started upon %s', async (script, signal, ready) => {
    const { npm, group, exited } = await startByNpm(script, ready);
    expect(await groupMembers(group)).toHaveLength(2);

    npm.kill(signal);
    await exited;

    expect(await groupMembers(group)).toEqual([]);
  });

  it('also ends what it has started when npm is killed, a moment later', async () => {
    const { npm, group } = await startByNpm('server', 'server started');

    npm.kill('SIGKILL');

    await expect.poll(() => groupMembers(group), { timeout: 30_000 }).toEqual([]);
  });
});
