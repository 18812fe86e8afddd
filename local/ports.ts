import { execFile } from 'node:child_process';
import { connect, createServer, type AddressInfo } from 'node:net';
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
  return !(await answers(port)) && (await bound(port)) !== undefined;
}

/** A port of 127.0.0.1 that is free at this moment. */
export async function freePort(): Promise<number> {
  const port = await bound(0);
  if (port === undefined) throw new Error('No free port on the loopback address.');
  return port;
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

/** Binds `port` for a moment: the port it got, or undefined if it could not. */
function bound(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(undefined);
    });
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => {
      const { port: given } = server.address() as AddressInfo;
      server.close(() => {
        resolve(given);
      });
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
