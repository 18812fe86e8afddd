import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { DoorEnvironment } from '../../../server/access/door-environment.ts';
import { bodyLimit } from '../../../server/limits/body-limit.ts';
import { createHttpServer } from '../../../server/limits/http-server.ts';

const MOST = 200_000;
let server: Server;
let url: string;

beforeAll(async () => {
  const app = new Hono<DoorEnvironment>();
  app.use((c, next) => {
    const tenant = c.req.header('x-tenant');
    if (tenant !== undefined) c.set('caller', { tenant, subject: 'somebody', scopes: [] });
    return next();
  });
  app.use(bodyLimit(MOST));
  app.post('/length', async (c) => c.json({ length: (await c.req.text()).length }));
  server = createHttpServer(app.fetch, { maxConnections: 100, connectionsPerAddress: 100 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

async function post(body: string, chunked = false, tenant?: string) {
  const response = await fetch(`${url}/length`, {
    method: 'POST',
    body: chunked ? new Blob([body]).stream() : body,
    ...(chunked && { duplex: 'half' }),
    ...(tenant !== undefined && { headers: { 'x-tenant': tenant } }),
  });
  const answer = (await response.json()) as { length?: number; failure?: { code: string } };
  const { status, headers } = response;
  return { status, retryAfter: headers.get('retry-after'), ...answer };
}

describe('a body', () => {
  it.each([false, true])('of the largest size passes whole (in chunks: %s)', async (chunked) => {
    const text = JSON.stringify('x'.repeat(MOST - 2));
    expect(await post(text, chunked)).toMatchObject({ status: 200, length: MOST });
    expect(await post('{}', chunked)).toMatchObject({ status: 200, length: 2 });
  });

  it.each([false, true])('of one byte more does not (in chunks: %s)', async (chunked) => {
    expect(await post('x'.repeat(MOST + 1), chunked)).toMatchObject({
      ...{ status: 413, failure: { code: 'REQUEST_TOO_LARGE' } },
    });
  });

  it('of brackets is not parsed', async () => {
    expect(await post('['.repeat(100_000))).toMatchObject({
      ...{ status: 413, failure: { code: 'REQUEST_TOO_LARGE' } },
    });
  });
});

it('holds so many large bodies at once, and small ones beside them', async () => {
  const head = `POST /length HTTP/1.1\r\nHost: 127.0.0.1\r\ncontent-length: ${MOST}\r\n\r\n`;
  const { port } = server.address() as AddressInfo;
  const arrived = Promise.all(Array.from({ length: 4 }, () => once(server, 'request')));
  const half: Socket[] = Array.from({ length: 4 }, () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(head + 'x'.repeat(MOST / 2));
    return socket;
  });
  await arrived;
  const large = JSON.stringify('x'.repeat(MOST - 2));
  await expect
    .poll(() => post(large))
    .toMatchObject({
      ...{ status: 429, retryAfter: '3', failure: { code: 'RATE_LIMITED' } },
    });
  expect(await post('{}')).toMatchObject({ status: 200 });
  expect(await post('x'.repeat(60_000))).toMatchObject({ status: 200 });
  for (const socket of half) socket.destroy();
  await expect.poll(() => post(large)).toMatchObject({ status: 200 });
});

it('keeps room for others, however many slow bodies one tenant sends', async () => {
  const { port } = server.address() as AddressInfo;
  const head = 'POST /length HTTP/1.1\r\nHost: 127.0.0.1\r\nx-tenant: slow\r\n';
  const arrived = Promise.all(Array.from({ length: 4 }, () => once(server, 'request')));
  const slow: Socket[] = Array.from({ length: 4 }, () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(`${head}transfer-encoding: chunked\r\n\r\n1\r\n{\r\n`);
    return socket;
  });
  await arrived;
  const large = JSON.stringify('x'.repeat(MOST - 2));
  await expect.poll(() => post(large, false, 'slow')).toMatchObject({ status: 429 });
  expect(await post(large, false, 'other')).toMatchObject({ status: 200 });
  for (const socket of slow) socket.destroy();
  await expect.poll(() => post(large, false, 'slow')).toMatchObject({ status: 200 });
});
