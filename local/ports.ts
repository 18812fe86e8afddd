import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { readFile, readdir, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { commandLine } from './process-table.ts';

const run = promisify(execFile);
const LOOPBACK = '127.0.0.1';

/** A process that listens on a port. */
export interface PortHolder {
  readonly pid: number;
  readonly command: string;
}

/** Whether a server on 127.0.0.1 could take `port`: nothing answers there and it can be bound. */
export async function isPortFree(port: number): Promise<boolean> {
  // Binding alone can succeed beside a listener on all addresses.
  return !(await answers(port)) && (await canBind(port));
}

/** Systems give connections that go out a port from 32768 on: whoever was given one below keeps it until it listens. */
const CHOSEN_PORTS = { from: 10_000, to: 32_767 };
const MOST_TRIES = 100;

/** A port of 127.0.0.1 that is free, and will hardly be taken before its server has started. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const port = randomInt(CHOSEN_PORTS.from, CHOSEN_PORTS.to + 1);
    if (await isPortFree(port)) return port;
  }
  throw new Error('No free port on the loopback address.');
}

/** Who listens on `port`, as far as this user may know. */
export async function portHolder(port: number): Promise<PortHolder | undefined> {
  const pid =
    process.platform === 'linux' ? await listenerByProc(port) : await listenerByLsof(port);
  if (pid === undefined) return undefined;
  return { pid, command: (await commandLine(pid)) ?? 'unknown' };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: LOOPBACK });
    socket.setTimeout(1_000);
    const end = (answered: boolean) => () => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(true));
  });
}

/** Binds `port` for a moment. */
function canBind(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}

const LISTENING = '0A';

/** Linux: the socket that listens on the port (proc(5), /proc/net/tcp), then the process that has it open. */
async function listenerByProc(port: number): Promise<number | undefined> {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const sockets = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of (await readFile(table, 'utf8').catch(() => '')).split('\n')) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state === LISTENING && local?.endsWith(`:${hexPort}`)) sockets.add(`socket:[${inode}]`);
    }
  }
  if (sockets.size === 0) return undefined;
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    // Another user's process shows no open files.
    for (const fd of await readdir(`/proc/${entry}/fd`).catch(() => [])) {
      const target = await readlink(`/proc/${entry}/fd/${fd}`).catch(() => '');
      if (sockets.has(target)) return Number(entry);
    }
  }
  return undefined;
}

async function listenerByLsof(port: number): Promise<number | undefined> {
  try {
    const { stdout } = await run('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t']);
    return Number(stdout.split('\n')[0]) || undefined;
  } catch {
    return undefined;
  }
}
