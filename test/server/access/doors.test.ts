import { createMcpHandler } from '@modelcontextprotocol/server';
import { Hono } from 'hono';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';

import { SCOPES } from '../../../schemas/caller.ts';
import type { DoorEnvironment } from '../../../server/access/door-environment.ts';
import { createMcpServerFactory } from '../../../server/mcp.ts';
import { invokeRoute } from '../../../server/routes/invoke.ts';
import { mcpRequest } from '../mcp-request.ts';
import type { Authentication } from '../../../server/access/authentication.ts';
import { createPayloadCodec } from '../../../platform/codec/payload-codec.ts';
import { authorization, createAskingDoors, SCOPE_SETS } from './known-callers.ts';

const UI = 'http://localhost:8233';
const HOST = { host: 'localhost:8000' };
const JSON_TYPE = { 'content-type': 'application/json' };
const codec = {
  temporalUiUrl: UI,
  codec: createPayloadCodec({
    encrypts: false,
    keyring: { first: () => Promise.reject(new Error()), find: async () => undefined },
  }),
};
const doors = () => createAskingDoors(() => ({ codec }));

describe('every door', () => {
  const { app } = doors();
  // A browser’s preflight bears no key.
  const open = new Set(['GET /health', 'GET /health/live', 'OPTIONS /codec/:token/:way']);
  const routes = app.routes.filter(({ path }) => path !== '/*' && !path.includes('*'));
  const methods = (method: string) =>
    method === 'ALL' ? ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'] : [method];
  const all = routes.flatMap(({ method, path }) => methods(method).map((one) => `${one} ${path}`));

  it.each([...new Set(all)].filter((door) => !open.has(door)))(
    '%s asks who calls',
    async (door) => {
      const [method = '', path = ''] = door.split(' ');
      const response = await app.request(path, { method, headers: HOST });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer /);
      expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      expect(await response.json()).toMatchObject({ failure: { code: 'UNAUTHENTICATED' } });
    },
  );

  it('that there is not asks as well', async () => {
    for (const path of [
      '/',
      '/mcp/',
      '/MCP',
      '//mcp',
      '/health/',
      '/HEALTH',
      '/tools/..%2fhealth',
      '/.well-known/oauth-protected-resource',
    ])
      expect((await app.request(path, { headers: HOST })).status, path).toBe(401);
  });
});

describe('GET /health', () => {
  it('tells strangers the status alone, and callers the rest', async () => {
    const { app } = doors();
    expect(await (await app.request('/health', { headers: HOST })).json()).toEqual({
      status: 'healthy',
    });
    const headers = { ...HOST, ...authorization(SCOPES) };
    expect(await (await app.request('/health', { headers })).json()).toMatchObject({
      checks: { temporal: 'ok' },
    });
    const wrong = { ...HOST, authorization: 'Bearer wrong' };
    expect((await app.request('/health', { headers: wrong })).status).toBe(401);
  });
});

it('a key lets in alone, with nothing after it', async () => {
  const { app } = doors();
  const { authorization: right } = authorization(SCOPES);
  for (const [header, status] of [
    [right, 200],
    [`${right} more`, 401],
    [`${right}, Bearer more`, 401],
  ] as const) {
    const headers = { ...HOST, authorization: header };
    expect((await app.request('/tools', { headers })).status, header).toBe(status);
  }
});

describe('the codec’s door', () => {
  const ask = (init: RequestInit, more: Record<string, string> = {}) =>
    doors().app.request('/codec/decode', {
      ...init,
      headers: { ...HOST, ...JSON_TYPE, origin: UI, ...more },
    });

  it('lets the UI’s pages ask whether they may ask, without a key', async () => {
    const response = await ask(
      { method: 'OPTIONS' },
      {
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    );
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe(UI);
  });

  it('tells them why they may not', async () => {
    const response = await ask({ method: 'POST', body: '{}' });
    expect(response.status).toBe(401);
    expect(response.headers.get('access-control-allow-origin')).toBe(UI);
  });

  it('is not for agents', async () => {
    const agent = SCOPE_SETS.find(
      (set) => set.length === SCOPES.length - 1 && !set.includes('audit:read'),
    )!;
    expect((await ask({ method: 'POST', body: '{}' }, authorization(agent))).status).toBe(403);
  });
});

describe('before anybody is asked', () => {
  /** Fails the test when it is asked. */
  const silent: Authentication = {
    callerOf: async () => {
      throw new Error('asked');
    },
  };

  it.each([
    { host: 'evil.example' },
    { host: 'localhost.evil.example:8000' },
    { host: 'localhost:8000', origin: 'https://evil.example' },
    { host: 'localhost:8000', origin: 'null' },
  ])('a page that has bound our address to its name is refused: %j', async (headers) => {
    const { app } = createAskingDoors(() => ({}), silent);
    for (const path of ['/mcp', '/invoke', '/tools', '/health', '/openapi.json']) {
      const request = { headers: { ...headers, ...authorization(SCOPES) } };
      expect((await app.request(`http://localhost:8000${path}`, request)).status, path).toBe(403);
    }
  });
});

describe('a body', () => {
  it('is not read before its sender is known', async () => {
    let pulled = 0;
    const body = new ReadableStream(
      {
        pull(controller) {
          pulled += 1;
          controller.enqueue(new Uint8Array(65_536));
        },
      },
      { highWaterMark: 0 },
    );
    const init = {
      method: 'POST',
      headers: { ...HOST, ...JSON_TYPE, 'transfer-encoding': 'chunked' },
      body,
      duplex: 'half',
    };
    const response = await doors().app.request('http://localhost:8000/mcp', init as RequestInit);
    expect([response.status, pulled]).toEqual([401, 0]);
  });
});

describe('headers that say something else than the body', () => {
  const META = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'x', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const reader = SCOPE_SETS.find((set) => set.join() === 'runs:read')!;

  async function send(said: Record<string, string>, name: string, scopes = reader) {
    const asking = doors();
    const params = { name, arguments: { run_id: 'r1', experiment_name: 'demo' }, _meta: META };
    const response = await asking.app.request('http://localhost:8000/mcp', {
      method: 'POST',
      headers: {
        ...{ ...HOST, ...JSON_TYPE, ...authorization(scopes), ...said },
        ...{ accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2026-07-28' },
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
    });
    return { status: response.status, text: await response.text(), reached: asking.reached };
  }

  it.each([
    [{ 'mcp-method': 'tools/call', 'mcp-name': 'mlflow_list_runs' }],
    [{ 'mcp-method': 'tools/list', 'mcp-name': 'mlflow_cancel_run' }],
    [{ 'mcp-method': 'prompts/list' }],
    [{}],
  ])('%j are refused, and open nothing', async (said) => {
    for (const scopes of [reader, SCOPES]) {
      const { status, text, reached } = await send(said, 'mlflow_cancel_run', scopes);
      expect(status).toBe(400);
      expect(text).toContain('-32020');
      expect(reached).toEqual([]);
    }
  });

  it('that agree are asked for their scope', async () => {
    const said = (name: string) => ({ 'mcp-method': 'tools/call', 'mcp-name': name });
    expect((await send(said('mlflow_list_runs'), 'mlflow_list_runs')).status).toBe(200);
    expect((await send(said('mlflow_cancel_run'), 'mlflow_cancel_run')).status).toBe(403);
  });
});

describe('the log', () => {
  it('has no credential, right or wrong', async () => {
    const written: string[] = [];
    const logger = pino({ level: 'trace' }, { write: (line: string) => void written.push(line) });
    const { app } = createAskingDoors(() => ({ logger }));
    const secret = 'dex_canary_4711';
    const right = authorization(SCOPES);
    for (const header of [`Bearer ${secret}`, `Basic ${secret}`, secret]) {
      await app.request(`/tools?access_token=${secret}`, {
        headers: { ...HOST, authorization: header },
      });
    }
    for (const path of [
      `/codec/${secret}/decode/`,
      `//codec/${secret}/decode`,
      `/a/codec/${secret}`,
    ]) {
      const init = { headers: { ...HOST, authorization: 'Bearer of-the-ui' } };
      await app.request(`http://localhost${path}`, init);
    }
    const body = JSON.stringify({ tool: 'mlflow.list_runs', params: { experiment_name: 'demo' } });
    await app.request('/invoke', {
      method: 'POST',
      headers: { ...HOST, ...JSON_TYPE, ...right },
      body,
    });
    expect(written.length).toBeGreaterThan(2);
    expect(written.join('')).not.toMatch(new RegExp(`canary|${right.authorization}`));
  });
});

describe('without the door', () => {
  const call = { name: 'mlflow_cancel_run', arguments: { run_id: 'r1' } };

  it('MCP has nothing for whom nobody has asked who they are', async () => {
    const asking = doors();
    const servers = createMcpServerFactory(asking.options);
    const bare = createMcpHandler(servers);
    const post = (init: RequestInit) => bare.fetch(new Request('http://localhost/mcp', init));
    const { result: list } = await mcpRequest(post, 'tools/list', {});
    expect(list).toMatchObject({ tools: [] });
    const { result } = await mcpRequest(post, 'tools/call', call);
    expect(result).toMatchObject({ structuredContent: { failure: { code: 'SCOPE_MISSING' } } });
    for (const params of [{ uri: 'run://r1/report' }, { taskId: 'experiment-1' }]) {
      const method = 'uri' in params ? 'resources/read' : 'tasks/get';
      expect((await mcpRequest(post, method, params)).error?.message).toContain('SCOPE_MISSING');
    }
    expect(asking.reached).toEqual([]);
  });

  it('neither has POST /invoke', async () => {
    const asking = doors();
    const app = new Hono<DoorEnvironment>().post('/invoke', invokeRoute(asking.options));
    const body = JSON.stringify({ tool: call.name, params: call.arguments });
    const response = await app.request('/invoke', { method: 'POST', headers: JSON_TYPE, body });
    expect(response.status).toBe(403);
    expect(asking.reached).toEqual([]);
  });
});
