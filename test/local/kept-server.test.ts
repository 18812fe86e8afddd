import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  startKeptServer,
  type KeptServer,
  type KeptServerOptions,
} from '../../local/kept-server.ts';
import { freePort } from '../../local/ports.ts';
import { groupMembers, processTable } from '../../local/process-table.ts';
import { demoServer } from './demo-server.ts';

let stateDir: string;
let port: number;
let lines: string[];
let pauses: number[];
let server: KeptServer | undefined;

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'kept-server-'));
  port = await freePort();
  lines = [];
  pauses = [];
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  await rm(stateDir, { recursive: true, force: true });
});

async function start(changes: Partial<KeptServerOptions> = {}): Promise<KeptServer> {
  server = await startKeptServer({
    ...demoServer(stateDir, port),
    log: (line) => lines.push(line),
    pause: async (seconds) => pauses.push(seconds),
    ...changes,
  });
  return server;
}

/** Leader of the server's group, as STATE_DIR notes it. */
async function leader(): Promise<number> {
  const record = await readFile(join(stateDir, 'run', 'demo.json'), 'utf8');
  return (JSON.parse(record) as { pid: number }).pid;
}

async function untilLine(text: string): Promise<void> {
  const count = lines.filter((line) => line.includes(text)).length;
  await expect
    .poll(() => lines.filter((line) => line.includes(text)).length, { timeout: 30_000 })
    .toBeGreaterThan(count);
}

async function killAndWait(): Promise<void> {
  const answering = untilLine('answers again');
  process.kill(await leader(), 'SIGKILL');
  await answering;
}

const ofServer = async () =>
  (await processTable()).filter(({ command }) => command.includes(`of-${stateDir}`));

describe('startKeptServer', () => {
  it('starts a killed server again on its port, when all of its processes are gone, and says so', async () => {
    await start();
    const first = await leader();
    await killAndWait();

    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('ok');
    expect(server?.isUp()).toBe(true);
    expect(await leader()).not.toBe(first);
    expect(await groupMembers(first)).toEqual([]);
    expect(await ofServer()).toHaveLength(2);
    expect(lines).toEqual([
      `The demo server has ended (signal SIGKILL); see ${join(stateDir, 'logs', 'demo.log')}. Starting it again at once.`,
      'The demo server answers again.',
    ]);
  });

  it('pauses longer before each further restart, and writes one log', async () => {
    await start({
      args: [
        '-e',
        `console.log('started'); require('node:http').createServer((q, s) => s.end('ok')).listen(${port}, '127.0.0.1')`,
        `of-${stateDir}`,
      ],
    });
    for (let death = 0; death < 8; death += 1) await killAndWait();

    expect(pauses).toEqual([0, 1, 2, 4, 8, 16, 30, 30]);
    expect(lines[2]).toContain('Starting it again in 1 s.');
    const log = await readFile(join(stateDir, 'logs', 'demo.log'), 'utf8');
    expect(log).toBe('started\n'.repeat(9));
  });

  it('gives up when ten starts in a row fail, and says why', async () => {
    const holder = createServer();
    const { givenUp } = await start({
      pause: async (seconds) => {
        // The dead server is gone: somebody takes its port.
        if (pauses.push(seconds) === 1) await once(holder.listen(port, '127.0.0.1'), 'listening');
      },
    });
    process.kill(await leader(), 'SIGKILL');

    const failure = await givenUp;
    holder.close();
    expect(failure).toMatchObject({
      code: 'SETUP_FAILED',
      message: expect.stringMatching(
        `could not be started 10 times in a row and is given up: Port ${port}, .* is taken by process ${process.pid}`,
      ) as string,
      hint: expect.stringContaining('DEMO_PORT') as string,
    });
    expect(pauses).toHaveLength(10);
    expect(lines).toHaveLength(10);
    expect(lines[9]).toMatch(/could not be started again: Port .* Starting it again in 30 s\.$/);
    expect(await ofServer()).toEqual([]);
  });

  it('says so when its folder can no longer be written', async () => {
    const { givenUp } = await start({
      pause: async (seconds) => {
        if (pauses.push(seconds) > 1) return;
        await rm(join(stateDir, 'logs'), { recursive: true });
        await writeFile(join(stateDir, 'logs'), 'a file in the place of the folder');
      },
    });
    process.kill(await leader(), 'SIGKILL');

    expect(await givenUp).toMatchObject({
      message: expect.stringContaining(`${stateDir} can't be written (EEXIST).`) as string,
    });
  });

  it('is stopped in a pause', async () => {
    const { promise: pausing, resolve } = Promise.withResolvers<void>();
    await start({
      pause: (_seconds, signal) => {
        resolve();
        return wait(1_000_000, undefined, { signal });
      },
    });
    expect(server?.isUp()).toBe(true);
    process.kill(await leader(), 'SIGKILL');
    await pausing;
    expect(server?.isUp()).toBe(false);

    await server?.stop();

    expect(await ofServer()).toEqual([]);
    expect(lines).toHaveLength(1);
  });

  it('is stopped in a restart whose question is never answered', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    let question = (): Promise<boolean> => demoServer(stateDir, port).isReady();
    await start({ isReady: () => question() });
    question = () => {
      resolve();
      return new Promise(() => {});
    };
    process.kill(await leader(), 'SIGKILL');
    await asked;
    expect(await ofServer()).not.toEqual([]);

    await server?.stop();

    expect(await ofServer()).toEqual([]);
    expect(lines).toHaveLength(1);
  });

  it('leaves a server dead that dies after the signal', async () => {
    const stop = new AbortController();
    await start({ signal: stop.signal });
    const first = await leader();
    stop.abort();
    expect(await groupMembers(first)).toHaveLength(2);

    process.kill(first, 'SIGKILL');
    await server?.stop();

    expect(await ofServer()).toEqual([]);
    expect(lines).toEqual([]);
  });
});
