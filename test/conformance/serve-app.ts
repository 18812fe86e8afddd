import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { Server } from 'node:http';

import { serve } from '@hono/node-server';

import type { createApp } from '../../server/app.ts';

export interface ServedApp extends AsyncDisposable {
  /** Where it speaks MCP. */
  readonly url: string;
}

/** Serves an app over HTTP, on a port that is free. */
export async function serveApp(
  app: Pick<ReturnType<typeof createApp>, 'fetch'>,
): Promise<ServedApp> {
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }) as Server;
  if (!server.listening) await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
