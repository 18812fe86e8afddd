import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import { openCaller } from '../../../schemas/caller.ts';
import type { Authentication } from '../../../server/access/authentication.ts';
import { createApp, type AppOptions } from '../../../server/app.ts';
import { createHttpServer } from '../../../server/limits/http-server.ts';
import { createRate } from '../../../server/limits/rate.ts';
import { createDoors } from '../fake-experiments.ts';
import { oneAnswer, rawRequest } from '../raw-request.ts';

let server: Server;
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

async function listening(more: Partial<AppOptions>): Promise<number> {
  const app = createApp({ ...createDoors().options, ...more });
  server = createHttpServer(app.fetch, { maxConnections: 100, connectionsPerAddress: 100 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** @param key of who asks; nobody when there is none */
async function ask(port: number, path: string, { key = '', from = '127.0.0.1' } = {}) {
  const lines = [`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`];
  if (key !== '') lines.push(`authorization: Bearer ${key}`);
  const bytes = `${lines.join('\r\n')}\r\n\r\n`;
  const { status, text } = await rawRequest(port, bytes, oneAnswer, { localAddress: from });
  const [head = '', body = ''] = text.split('\r\n\r\n');
  return { status, head, body };
}

/** Takes any credential for its bearer's name. */
const authentication: Authentication = { callerOf: async (name) => openCaller(name) };

describe('requests of one address', () => {
  it('are refused when there are too many, whoever it says that it is', async () => {
    const limits = { addresses: createRate(1), requests: undefined };
    const port = await listening({ limits, authentication });
    for (let i = 0; i < 10; i++) await ask(port, '/tools', { key: `k${i}` });
    const { status, head, body } = await ask(port, '/tools', { key: 'another' });
    expect(status).toBe(429);
    expect(head).toMatch(/^retry-after: ([1-9]|10)\r$/im);
    expect(JSON.parse(body)).toMatchObject({
      failure: { code: 'RATE_LIMITED', retry_after_seconds: expect.any(Number) as number },
    });
    expect((await ask(port, '/health')).status).toBe(429);
    expect((await ask(port, '/tools', { key: 'k', from: '127.0.0.2' })).status).toBe(200);
  });

  it('are refused as JSON-RPC where it is spoken, in words for a model', async () => {
    const port = await listening({ limits: { addresses: createRate(1), requests: undefined } });
    for (let i = 0; i < 10; i++) await ask(port, '/tools');
    const { status, head, body } = await ask(port, '/mcp');
    expect(status).toBe(429);
    expect(head).toMatch(/^retry-after: \d+\r$/im);
    expect(JSON.parse(body)).toMatchObject({
      ...{ jsonrpc: '2.0', id: null },
      error: {
        code: -32000,
        message: expect.stringMatching(/^RATE_LIMITED: .* Wait (\d+ seconds|a second)/) as string,
        data: { code: 'RATE_LIMITED' },
      },
    });
  });

  it('cannot be made to look like another’s by a header', async () => {
    const port = await listening({ limits: { addresses: createRate(1), requests: undefined } });
    const asked = (i: number) =>
      rawRequest(
        port,
        `GET /tools HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: 10.0.0.${i}\r\nForwarded: for=10.0.0.${i}\r\nX-Real-IP: 10.0.0.${i}\r\n\r\n`,
        oneAnswer,
      );
    for (let i = 0; i < 10; i++) await asked(i);
    expect((await asked(99)).status).toBe(429);
  });
});

describe('requests of one caller', () => {
  it('are refused when there are too many, from wherever they come', async () => {
    const limits = { addresses: undefined, requests: createRate(1) };
    const port = await listening({ limits, authentication });
    for (let i = 1; i <= 10; i++) await ask(port, '/tools', { key: 'mine', from: `127.0.0.${i}` });
    expect((await ask(port, '/openapi.json', { key: 'mine' })).status).toBe(429);
    expect((await ask(port, '/mcp', { key: 'mine' })).status).toBe(429);
    expect((await ask(port, '/tools', { key: 'yours' })).status).toBe(200);
  });

  it('are not counted on a server that asks nobody who they are', async () => {
    const port = await listening({ limits: { addresses: undefined, requests: createRate(1) } });
    for (let i = 0; i < 15; i++) expect((await ask(port, '/tools')).status).toBe(200);
  });
});

it('reads nothing of a body before it knows who sends it', async () => {
  const refusing: Authentication = { callerOf: () => Promise.reject(new Error('never asked')) };
  const app = createApp({ ...createDoors().options, authentication: refusing });
  let pulled = 0;
  const body = new ReadableStream(
    {
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(1 << 20));
      },
    },
    { highWaterMark: 0 },
  );
  for (const path of ['/invoke', '/mcp', '/nowhere', '/codec/decode']) {
    const request = { method: 'POST', headers: { host: 'localhost' }, body, duplex: 'half' };
    expect((await app.request(path, request as RequestInit)).status).toBe(401);
  }
  expect(pulled).toBe(0);
});
