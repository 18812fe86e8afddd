import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';

import { getRequestListener } from '@hono/node-server';

import { addressKey } from './address-key.ts';
import { isStrange, refuseStrange, strangeAnswer } from './strange-request.ts';

export interface HttpServerOptions {
  readonly maxConnections: number;
  readonly connectionsPerAddress: number;
  /** In place of the usual ones, for tests. */
  readonly times?: Partial<typeof TIMES>;
}

const TIMES = {
  /** For the head of a request. */
  headersTimeout: 10_000,
  /** For all of a request: 64 MB at half a megabyte a second. */
  requestTimeout: 120_000,
  /** How often both are looked at. */
  connectionsCheckingInterval: 2_000,
  /** Between two requests. */
  keepAliveTimeout: 5_000,
  /** Without a byte in either direction: longer than a call may wait, for those who do not read their answer. */
  timeout: 300_000,
};

/** A server with an end to what one client may hold of it: time, connections, headers. */
export function createHttpServer(
  fetch: Parameters<typeof getRequestListener>[0],
  { maxConnections, connectionsPerAddress, times }: HttpServerOptions,
): Server {
  const { timeout, ...ofServer } = { ...TIMES, ...times };
  const answer = getRequestListener(fetch, { errorHandler: strangeAnswer });
  const listener: RequestListener = (incoming, outgoing) =>
    isStrange(incoming) ? refuseStrange(outgoing) : void answer(incoming, outgoing);
  const server = createServer({ ...ofServer, maxHeaderSize: 16 * 1024 }, listener);
  server.timeout = timeout;
  server.maxHeadersCount = 100;
  server.maxConnections = maxConnections;
  limitAddresses(server, connectionsPerAddress);
  return server;
}

function limitAddresses(server: Server, limit: number): void {
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const key = addressKey(socket.remoteAddress ?? '');
    const count = (open.get(key) ?? 0) + 1;
    open.set(key, count);
    socket.once('close', () => {
      const left = (open.get(key) ?? 1) - 1;
      if (left === 0) open.delete(key);
      else open.set(key, left);
    });
    if (count > limit) socket.destroy();
  });
}
