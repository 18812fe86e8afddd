import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';

import { newPayloadKey, type PayloadKey } from '../../../platform/codec/keyring.ts';
import { createPayloadCodec } from '../../../platform/codec/payload-codec.ts';
import { openCaller, SCOPES, type Caller } from '../../../schemas/caller.ts';
import type { DoorEnvironment } from '../../../server/access/door-environment.ts';
import {
  codecByToken,
  codecOrigins,
  codecRoutes,
  mayDecode,
} from '../../../server/routes/codec.ts';

const codecOf = (key: PayloadKey) =>
  createPayloadCodec({
    encrypts: true,
    keyring: { first: async () => key, find: async (id) => (id === key.id ? key : undefined) },
  });
const codec = codecOf(newPayloadKey());
const TOKEN = 'a-token-of-at-least-thirty-two-letters';
const UI = 'http://127.0.0.1:8233';

function appWith({ temporalUiUrl = UI, caller }: { temporalUiUrl?: string; caller?: Caller } = {}) {
  const app = new Hono<DoorEnvironment>();
  app.use('/codec/*', codecOrigins({ temporalUiUrl }));
  app.use(async (c, next) => {
    if (caller) c.set('caller', caller);
    return next();
  });
  app.use('/codec/:token/:way', codecByToken({ codec, token: TOKEN }));
  app.route(
    '/codec',
    codecRoutes({ codec }, (c) => mayDecode(c.get('caller') ?? openCaller('temporal-ui'))),
  );
  return app;
}

/** As protobuf's JSON has it. */
const jsonOf = ({ metadata, data }: Payload) => ({
  metadata: Object.fromEntries(
    Object.entries(metadata!).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]),
  ),
  data: Buffer.from(data!).toString('base64'),
});
const plain = defaultPayloadConverter.toPayload({ canary: 1 });
const [closed] = await codec.encode([plain]);
const [foreign] = await codecOf(newPayloadKey()).encode([plain]);

/** The request that the Temporal UI 2.54 makes. */
function ask(
  app: Hono<DoorEnvironment>,
  body: unknown,
  { origin = UI, way = 'decode' }: { origin?: string | null; way?: string } = {},
) {
  return app.request(`/codec/${way}?preserveStorageRefs=true`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-namespace': 'default',
      ...(origin !== null && { origin }),
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

function preflight(app: Hono<DoorEnvironment>, origin: string) {
  return app.request('/codec/decode', {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,x-namespace',
    },
  });
}

describe('the codec endpoint', () => {
  it('decodes, and gives back what it can’t decode just as it was', async () => {
    const stranger = { ...jsonOf(foreign!), externalPayloads: [{ sizeBytes: '3' }] };
    const response = await ask(appWith(), {
      payloads: [jsonOf(closed!), jsonOf(plain), stranger, { metadata: null }],
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({
      payloads: [jsonOf(plain), jsonOf(plain), stranger, { metadata: null }],
    });
  });

  it('decodes for who holds the token, whoever that is, and for nobody with another', async () => {
    const nobody: Caller = { tenant: 'other', subject: 'a', scopes: [] };
    const payloads = [jsonOf(closed!)];
    for (const [token, status] of [
      [TOKEN, 200],
      [`${TOKEN}x`, 404],
      ['unset', 404],
    ] as const) {
      const answer = await ask(
        appWith({ caller: nobody }),
        { payloads },
        { way: `${token}/decode` },
      );
      expect(answer.status).toBe(status);
    }
    const without = new Hono<DoorEnvironment>();
    without.use('/codec/:token/:way', codecByToken({ codec }));
    expect((await ask(without, { payloads }, { way: 'undefined/decode' })).status).toBe(404);
  });

  it('encodes, for a workflow that is started in the UI', async () => {
    const response = await ask(appWith(), { payloads: [jsonOf(plain)] }, { way: 'encode' });
    const { payloads } = (await response.json()) as { payloads: unknown[] };
    expect(payloads).not.toEqual([jsonOf(plain)]);
    const back = await ask(appWith(), { payloads });
    expect(await back.json()).toEqual({ payloads: [jsonOf(plain)] });
  });

  it.each(['http://127.0.0.1:8233', 'http://localhost:8233'])(
    'answers a page of %s',
    async (from) => {
      const before = await preflight(appWith(), from);
      expect(before.status).toBe(204);
      expect(before.headers.get('access-control-allow-origin')).toBe(from);
      expect(before.headers.get('access-control-allow-headers')).toMatch(
        /content-type,x-namespace/,
      );
      const response = await ask(appWith(), { payloads: [jsonOf(closed!)] }, { origin: from });
      expect(response.headers.get('access-control-allow-origin')).toBe(from);
    },
  );

  it.each([
    'http://127.0.0.1:8234',
    'https://127.0.0.1:8233',
    'http://evil.example',
    'http://127.0.0.1:8233.evil.example',
    'null',
  ])('answers no page of %s', async (origin) => {
    for (const response of [
      await preflight(appWith(), origin),
      await ask(appWith(), { payloads: [jsonOf(closed!)] }, { origin }),
    ]) {
      expect(response.status).toBe(403);
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it('lets a UI elsewhere in under its own name only', async () => {
    const app = appWith({ temporalUiUrl: 'https://temporal.example.org/ui' });
    expect((await preflight(app, 'https://temporal.example.org')).status).toBe(204);
    expect((await preflight(app, UI)).status).toBe(403);
  });

  it('answers Temporal’s command line, which has no origin', async () => {
    const response = await ask(appWith(), { payloads: [jsonOf(closed!)] }, { origin: null });
    expect(await response.json()).toEqual({ payloads: [jsonOf(plain)] });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  it.each<[number, string, Caller]>([
    [200, 'audit:read', { tenant: 'default', subject: 'a', scopes: ['audit:read'] }],
    [403, 'another scope', { tenant: 'default', subject: 'a', scopes: ['runs:read'] }],
    [403, 'another tenant', { tenant: 'other', subject: 'a', scopes: SCOPES }],
  ])('answers %i to a caller with %s', async (status, _, caller) => {
    for (const way of ['decode', 'encode']) {
      const response = await ask(appWith({ caller }), { payloads: [jsonOf(closed!)] }, { way });
      expect(response.status).toBe(status);
    }
  });

  it.each(['', 'null', '[]', '{"payloads":{}}', '{"payloads":[1]}', '{"payloads":[{"data":1}]}'])(
    'refuses the body %s',
    async (body) => {
      expect((await ask(appWith(), body)).status).toBe(400);
    },
  );

  it('reads no more than Temporal can have answered', async () => {
    const payloads = [{ data: 'A'.repeat(9 * 1024 * 1024) }];
    expect((await ask(appWith(), { payloads })).status).toBe(413);
  });
});
