import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createHttpServer } from '../../server/limits/http-server.ts';
import { createDoors } from './fake-experiments.ts';
import { oneAnswer, rawRequest, type RawOptions } from './raw-request.ts';

const CONNECTIONS = 20;
let server: Server;
let port: number;

beforeAll(async () => {
  server = createHttpServer(createDoors().app.fetch, {
    ...{ maxConnections: 100, connectionsPerAddress: CONNECTIONS },
    times: { headersTimeout: 400, requestTimeout: 800, connectionsCheckingInterval: 50 },
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const ours = (): string => `127.0.0.1:${port}`;
/** A request whose lines end as they should; $HOST stands for our own address. */
const send = (text: string, options?: RawOptions) =>
  rawRequest(port, text.replaceAll('$HOST', ours()).replaceAll('\n', '\r\n'), oneAnswer, options);
const get = (path: string, headers = 'Host: $HOST') => send(`GET ${path} HTTP/1.1\n${headers}\n\n`);
function post(path: string, body: string, headers = 'content-type: application/json') {
  const head = `POST ${path} HTTP/1.1\nHost: $HOST\naccept: application/json, text/event-stream`;
  const length = `content-length: ${Buffer.byteLength(body)}`;
  const lines = `${head}\n${headers}\n${length}\n\n`.replaceAll('$HOST', ours());
  return rawRequest(port, lines.replaceAll('\n', '\r\n') + body, oneAnswer);
}

describe('a request whose host is in doubt', () => {
  it.each([
    ['none in HTTP/1.1', 'GET /tools HTTP/1.1\n\n', 400],
    ['none in HTTP/1.0', 'GET /tools HTTP/1.0\n\n', 400],
    ['two, ours first', 'GET /tools HTTP/1.1\nHost: $HOST\nHost: evil.example\n\n', 400],
    ['two, ours last', 'GET /tools HTTP/1.1\nhost: evil.example\nHost: $HOST\n\n', 400],
    ['the same one twice', 'GET /tools HTTP/1.1\nHost: $HOST\nHOST: $HOST\n\n', 400],
    ['two in one', 'GET /tools HTTP/1.1\nHost: localhost, evil.example\n\n', 400],
    ['a user in it', 'GET /tools HTTP/1.1\nHost: evil.example@localhost\n\n', 400],
    ['an empty one', 'GET /tools HTTP/1.1\nHost:\n\n', 400],
    ['another', 'GET /tools HTTP/1.1\nHost: evil.example\n\n', 403],
    ['another under an unknown path', 'GET /nowhere HTTP/1.1\nHost: evil.example\n\n', 403],
    ['one that begins as ours', 'GET /tools HTTP/1.1\nHost: localhost.evil.example\n\n', 403],
    ['another in the target', 'GET http://evil.example/tools HTTP/1.1\nHost: $HOST\n\n', 400],
    ['another in the Host', 'GET http://$HOST/tools HTTP/1.1\nHost: evil.example\n\n', 400],
    ['a target of another kind', 'GET ftp://$HOST/tools HTTP/1.1\nHost: $HOST\n\n', 400],
    ['the whole server', 'OPTIONS * HTTP/1.1\nHost: $HOST\n\n', 400],
    ['ours in both', 'GET http://$HOST/tools HTTP/1.1\nHost: $HOST\n\n', 200],
    ['ours in HTTP/1.0', 'GET /tools HTTP/1.0\nHost: $HOST\n\n', 200],
  ])('%s', async (_what, text, status) => {
    expect((await send(text)).status).toBe(status);
  });

  it.each([
    'Origin: http://evil.example',
    'Origin: null',
    'Origin: http://$HOST\nOrigin: http://evil.example',
  ])('is refused with %s, on every path', async (origin) => {
    for (const path of ['/tools', '/health', '/mcp', '/nowhere', '/openapi.json']) {
      expect((await get(path, `Host: $HOST\n${origin}`)).status).toBe(403);
    }
  });
});

describe('what is no request', () => {
  it.each([
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01', 400],
    ['HTTP/2', 'PRI * HTTP/2.0\n\nSM\n\n', 400],
    [
      'a length and chunks',
      'POST /invoke HTTP/1.1\nHost: $HOST\ncontent-length: 5\ntransfer-encoding: chunked\n\n0\n\n',
      400,
    ],
    [
      'two lengths',
      'POST /invoke HTTP/1.1\nHost: $HOST\ncontent-length: 5\ncontent-length: 6\n\nhello',
      400,
    ],
    ['a length below zero', 'POST /invoke HTTP/1.1\nHost: $HOST\ncontent-length: -5\n\n', 400],
    [
      'chunks of another kind',
      'POST /invoke HTTP/1.1\nHost: $HOST\ntransfer-encoding: xchunked\n\n0\n\n',
      400,
    ],
    ['a header of 20 kB', `GET /tools HTTP/1.1\nHost: $HOST\nx: ${'y'.repeat(20_000)}\n\n`, 431],
    ['an address of 20 kB', `GET /${'y'.repeat(20_000)} HTTP/1.1\nHost: $HOST\n\n`, 431],
    ['5000 headers', `GET /tools HTTP/1.1\nHost: $HOST\n${'x: y\n'.repeat(5000)}\n`, 431],
    [
      'an extension of a chunk',
      `POST /invoke HTTP/1.1\nHost: $HOST\ntransfer-encoding: chunked\n\n2;${'x'.repeat(20_000)}\n{}\n0\n\n`,
      413,
    ],
    ['a backslash', 'GET /\\evil.example HTTP/1.1\nHost: $HOST\n\n', 400],
  ])('%s', async (_what, text, status) => {
    expect((await send(text)).status).toBe(status);
  });

  it('is not followed by anything else of its connection', async () => {
    const both =
      'GET /tools HTTP/1.1\nHost: $HOST\nHost: a\n\nGET /health HTTP/1.1\nHost: $HOST\n\n';
    const { text } = await rawRequest(
      port,
      both.replaceAll('$HOST', ours()).replaceAll('\n', '\r\n'),
    );
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  it.each(['TRACE', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND'])('%s of a path', async (method) => {
    const { status, text } = await send(`${method} /tools HTTP/1.1\nHost: $HOST\nx-secret: 7\n\n`);
    expect(status).toBe(404);
    expect(text).not.toContain('x-secret');
  });

  it('CONNECT, which opens no tunnel', async () => {
    const { text, closed } = await send('CONNECT evil.example:443 HTTP/1.1\nHost: $HOST\n\n');
    expect({ text, closed }).toEqual({ text: '', closed: true });
  });
});

describe('every answer', () => {
  it.each([
    ['a page', 'GET /tools HTTP/1.1\nHost: $HOST\n\n'],
    ['an unknown path', 'GET /nowhere HTTP/1.1\nHost: $HOST\n\n'],
    ['another method', 'GET /invoke HTTP/1.1\nHost: $HOST\n\n'],
    ['a refused host', 'GET /tools HTTP/1.1\nHost: evil.example\n\n'],
    ['two hosts', 'GET /tools HTTP/1.1\nHost: $HOST\nHost: b\n\n'],
    ['too large a body', 'POST /mcp HTTP/1.1\nHost: $HOST\ncontent-length: 99999999\n\n'],
    ['a wrong body', 'POST /invoke HTTP/1.1\nHost: $HOST\ncontent-length: 1\n\n{'],
    [
      'MCP',
      'POST /mcp HTTP/1.1\nHost: $HOST\ncontent-type: application/json\ncontent-length: 1\n\n{',
    ],
    [
      'a preflight',
      'OPTIONS /invoke HTTP/1.1\nHost: $HOST\nOrigin: http://$HOST\naccess-control-request-method: POST\n\n',
    ],
  ])('says that it is no page, and is for no other origin: %s', async (_what, text) => {
    const answer = await send(text);
    expect(answer.status).toBeDefined();
    expect(answer.text).toMatch(/^x-content-type-options: nosniff\r$/im);
    expect(answer.text).not.toMatch(/access-control-|x-powered-by|^server:/im);
  });
});

describe('a slow client is cut off', () => {
  const drip = (piece: string) => ({ drip: { piece, everyMs: 50 } });
  it.each([
    ['while nothing comes', '', undefined],
    ['in the head', 'GET /tools HTTP/1.1\nHost: $HOST\n', drip('x: y\r\n')],
    ['in the body', 'POST /invoke HTTP/1.1\nHost: $HOST\ncontent-length: 9999\n\n', drip('x')],
    [
      'between chunks',
      'POST /mcp HTTP/1.1\nHost: $HOST\ncontent-type: application/json\ntransfer-encoding: chunked\n\n',
      drip('1\r\nx\r\n'),
    ],
  ])('%s', async (_what, text, options) => {
    expect(await send(text, options)).toMatchObject({ status: 408, closed: true });
  });
});

it('holds so many connections of one address, and takes others of another', async () => {
  const held = Array.from({ length: CONNECTIONS }, () => send('GET / HTTP/1.1\n'));
  const answers = await Promise.all([
    ...Array.from({ length: 5 }, () => get('/tools')),
    rawRequest(port, `GET /tools HTTP/1.1\r\nHost: ${ours()}\r\n\r\n`, oneAnswer, {
      localAddress: '127.0.0.2',
    }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([...Array.from({ length: 5 }), 200]);
  await Promise.all(held);
  expect((await get('/tools')).status).toBe(200);
});

describe('JSON that is a trap', () => {
  const params = (value: string) => `{"tool":"mlflow.get_run","params":${value}}`;
  const mcp = (value: string) =>
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"mlflow_get_run","arguments":${value}}}`;
  const TRAPS: readonly [string, string][] = [
    ['deep lists', '['.repeat(30_000) + ']'.repeat(30_000)],
    ['deep objects', '{"a":'.repeat(8_000) + '1' + '}'.repeat(8_000)],
    ['a deep argument', `{"run_id":${'['.repeat(25_000)}1${']'.repeat(25_000)}}`],
    ['deep JSON in a text', JSON.stringify({ run_id: '['.repeat(20_000) + ']'.repeat(20_000) })],
    ['__proto__', '{"__proto__":{"run_id":"x"}}'],
    ['constructor', '{"constructor":{"prototype":{"run_id":"x"}}}'],
    ['a key twice', '{"run_id":"a","run_id":[]}'],
    ['a number without end', '{"run_id":1e999}'],
    ['half a character', '{"run_id":"\\ud800"}'],
  ];
  it.each(TRAPS)('%s, to /invoke', async (_what, value) => {
    const { status, text } = await post('/invoke', params(value));
    expect(status).toBe(400);
    expect(text).toContain('"code":"INVALID_REQUEST"');
  });
  it.each(TRAPS)('%s, to /mcp', async (_what, value) => {
    const { status, text } = await post('/mcp', mcp(value));
    expect([200, 400]).toContain(status);
    expect(text).toMatch(/INVALID_REQUEST|"error":\{"code":-32/);
  });
  it.each(['null', '[]', '"x"', '7', '', '\ufeff{}', '{"tool":"__proto__"}'])(
    'a body that is %s',
    async (body) => {
      const { status, text } = await post('/invoke', body);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      expect(text).toContain('"hint"');
    },
  );
  it('leaves nothing behind', () => {
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as Record<string, unknown>)['run_id']).toBeUndefined();
  });
});
