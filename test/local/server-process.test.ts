import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../local/ports.ts';
import { groupMembers, processTable } from '../../local/process-table.ts';
import { startServerProcess } from '../../local/server-process.ts';
import { demoServer } from './demo-server.ts';

const OWNER = fileURLToPath(new URL('server-owner.ts', import.meta.url));

let stateDir: string;
let port: number;

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'server-process-'));
  port = await freePort();
});
afterEach(async () => {
  await rm(stateDir, { recursive: true, force: true });
});

/** A process that runs the server and can be killed. */
async function startOwner(): Promise<{ owner: ChildProcess; server: number }> {
  const owner = spawn(process.execPath, [OWNER, stateDir, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(owner.stdout, 'data')) as [Buffer];
  return { owner, server: Number(line.toString()) };
}

async function kill(owner: ChildProcess): Promise<void> {
  const ended = once(owner, 'exit');
  owner.kill('SIGKILL');
  await ended;
}

const isGone = (group: number) =>
  expect.poll(() => groupMembers(group), { timeout: 20_000 }).toEqual([]);

describe('startServerProcess', () => {
  it('returns when the server answers, and stop ends all its processes', async () => {
    const server = await startServerProcess(demoServer(stateDir, port));
    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('ok');
    expect(await groupMembers(server.pid)).toHaveLength(2);

    await server.stop();

    expect(await groupMembers(server.pid)).toEqual([]);
    expect(await server.exited).toBe('signal SIGTERM');
    expect(existsSync(join(stateDir, 'run', 'demo.json'))).toBe(false);
  });

  it('ends the server when its owner is killed', async () => {
    const { owner, server } = await startOwner();
    expect(await groupMembers(server)).toHaveLength(2);

    await kill(owner);

    await isGone(server);
  });

  it('ends the rest of a server whose first process died', async () => {
    const server = await startServerProcess(demoServer(stateDir, port));

    process.kill(server.pid, 'SIGKILL');

    expect(await server.exited).toBe('signal SIGKILL');
    expect(await groupMembers(server.pid)).toEqual([]);
  });

  it('ends what an earlier start left behind, and starts', async () => {
    const { owner, server } = await startOwner();
    const record = await readFile(join(stateDir, 'run', 'demo.json'), 'utf8');
    // As if the watchdog had been killed with its owner: stop it for good, then kill the owner.
    const watchdogs = await watchdogsOf(server);
    for (const watchdog of watchdogs) process.kill(watchdog, 'SIGKILL');
    await kill(owner);
    expect(watchdogs).toHaveLength(1);
    expect(await groupMembers(server)).toHaveLength(2);
    expect(JSON.parse(record)).toMatchObject({ pid: server, owner: owner.pid });

    const next = await startServerProcess(demoServer(stateDir, port));

    expect(await groupMembers(server)).toEqual([]);
    await next.stop();
  });

  it('refuses to end the server of an owner that lives', async () => {
    const { owner, server } = await startOwner();
    try {
      await expect(startServerProcess(demoServer(stateDir, port))).rejects.toMatchObject({
        code: 'SETUP_FAILED',
        message: `Process ${owner.pid} already runs the servers of this state folder.`,
      });
      expect(await groupMembers(server)).toHaveLength(2);
    } finally {
      await kill(owner);
      await isGone(server);
    }
  });

  it('leaves alone a process that has got the noted id meanwhile', async () => {
    const { promise: stopped, resolve } = Promise.withResolvers<void>();
    const stranger = spawn('sleep', ['60'], { detached: true }).once('exit', () => {
      resolve();
    });
    const first = await startServerProcess(demoServer(stateDir, port));
    await first.stop();
    await writeFile(
      join(stateDir, 'run', 'demo.json'),
      JSON.stringify({ pid: stranger.pid, mark: 'demo-server', owner: 1, ownerCommand: 'gone' }),
    );

    const server = await startServerProcess(demoServer(stateDir, port));
    await server.stop();

    expect(stranger.exitCode).toBeNull();
    expect(stranger.signalCode).toBeNull();
    stranger.kill();
    await stopped;
  });

  it('names a taken port, its setting and its holder', async () => {
    const holder = createServer().listen(port, '127.0.0.1');
    await once(holder, 'listening');
    try {
      await expect(startServerProcess(demoServer(stateDir, port))).rejects.toMatchObject({
        code: 'SETUP_FAILED',
        message: expect.stringContaining(
          `Port ${port}, which The demo server needs, is taken by process ${process.pid}`,
        ) as string,
        hint: expect.stringContaining('DEMO_PORT') as string,
      });
    } finally {
      holder.close();
    }
  });

  it('tells of a server that ends during its start, and where its output is', async () => {
    const start = startServerProcess({
      ...demoServer(stateDir, port),
      args: ['-e', 'console.error("no licence"); process.exit(3)'],
    });

    const logFile = join(stateDir, 'logs', 'demo.log');
    await expect(start).rejects.toMatchObject({
      code: 'SETUP_FAILED',
      message: 'The demo server ended during its start (exit code 3).',
      hint: `What it said is in ${logFile}.`,
    });
    expect(await readFile(logFile, 'utf8')).toBe('no licence\n');
  });

  it('ends a server that never answers', async () => {
    const pids: number[] = [];
    const start = startServerProcess({
      ...demoServer(stateDir, port),
      args: ['-e', 'console.log(process.pid); setInterval(() => {}, 1e6)'],
      startSeconds: 1,
      isReady: async () => {
        const pid = Number(await readFile(join(stateDir, 'logs', 'demo.log'), 'utf8'));
        if (pid > 0) pids.push(pid);
        return false;
      },
    });

    await expect(start).rejects.toMatchObject({ code: 'SETUP_FAILED' });
    expect(await groupMembers(pids[0] ?? 0)).toEqual([]);
  });

  it('tells of a program that does not exist', async () => {
    await expect(
      startServerProcess({ ...demoServer(stateDir, port), command: join(stateDir, 'none') }),
    ).rejects.toMatchObject({
      code: 'SETUP_FAILED',
      message: 'The demo server could not be started.',
    });
  });
});

/** The shells that wait for the end of the process that owns `group`. */
async function watchdogsOf(group: number): Promise<number[]> {
  return (await processTable())
    .filter(({ command }) => command.endsWith(`watchdog -${group}`))
    .map(({ pid }) => pid);
}
