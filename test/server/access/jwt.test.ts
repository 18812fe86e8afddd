import { KeyObject, sign } from 'node:crypto';
import { request } from 'node:http';

import { exportJWK, generateKeyPair } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { attackEffort } from '../../support/attack-effort.ts';
import { askingServer } from './asking-server.ts';
import { AUDIENCE, startIssuer } from './token-issuer.ts';

const METADATA = 'https://experiments.example/.well-known/oauth-protected-resource/mcp';
const NOW = () => Math.floor(Date.now() / 1000);

const issuer = await startIssuer();
const other = await startIssuer();
const product = await askingServer();
const settings = {
  JWT_ISSUER: issuer.issuer,
  JWT_AUDIENCE: AUDIENCE,
  JWT_JWKS_URL: issuer.jwksUrl,
  PUBLIC_URL: 'https://experiments.example',
};
let url: string;
beforeAll(async () => {
  url = await product.start(settings);
});
afterAll(async () => {
  await product.stop();
  await Promise.all([issuer.stop(), other.stop()]);
});

const POST = { method: 'POST', body: '{}' };
const DOORS: readonly [path: string, init: RequestInit][] = [
  ['/tools', {}],
  ['/openapi.json', {}],
  ['/health', {}],
  ['/invoke', POST],
  ['/mcp', POST],
  ['/mcp', {}],
  ['/codec/decode', POST],
  ['/nothing', {}],
];

async function statuses(authorization: string, at = url): Promise<number[]> {
  const headers = { authorization, 'content-type': 'application/json' };
  return Promise.all(
    DOORS.map(async ([path, init]) => (await fetch(`${at}${path}`, { ...init, headers })).status),
  );
}

const status = async (token: string, at = url): Promise<number> =>
  (await fetch(`${at}/tools`, { headers: { authorization: `Bearer ${token}` } })).status;

const unsigned = (header: object, payload: object) =>
  [header, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');

/** Signed as it is: jose would not. */
const signed = (header: object, claims: object) => {
  const text = unsigned(header, claims);
  const signature = sign('sha256', Buffer.from(text), KeyObject.from(issuer.privateKey));
  return `${text}.${signature.toString('base64url')}`;
};

const payload = () => ({
  ...{ iss: issuer.issuer, aud: AUDIENCE, sub: 'ada', tenant: 'acme', scope: 'runs:read' },
  exp: NOW() + 300,
});

describe('a token', () => {
  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['as RFC 9068 has it', {}, {}],
    ['of the type JWT', {}, { typ: 'JWT' }],
    ['without a type', {}, { typ: undefined }],
    ['for several audiences', { aud: ['https://other.example', AUDIENCE] }, {}],
    ['that has just expired, by a clock that is a little late', { exp: NOW() - 5 }, {}],
    ['with its scopes in scp', { scope: undefined, scp: ['runs:read'] }, {}],
  ])('%s is taken', async (_what, claims, header) => {
    const token = await issuer.token(claims, header);
    expect(await status(token)).toBe(200);
    expect(await status(token.replace(/^/, ' '))).toBe(200);
  });

  it('may do what its scopes say, and nothing that others’ scopes say', async () => {
    const seen = async (scope: string) => {
      const headers = { authorization: `bearer ${await issuer.token({ scope })}` };
      const { tools } = (await (await fetch(`${url}/tools`, { headers })).json()) as {
        tools: object;
      };
      return Object.keys(tools);
    };
    expect(await seen('runs:control')).toEqual(['mlflow.retry_run', 'mlflow.cancel_run']);
    expect(await seen('runs:* admin experiments:run2 RUNS:READ')).toEqual([]);
  });
});

const wrongClaims: [string, Record<string, unknown>][] = [
  ['for another audience', { aud: 'https://other.example/mcp' }],
  ['for an audience that begins like ours', { aud: `${AUDIENCE}.evil.example` }],
  ['for no audience', { aud: undefined }],
  ['of another issuer', { iss: 'https://evil.example' }],
  ['of an issuer with a slash more', { iss: `${issuer.issuer}/` }],
  ['of no issuer', { iss: undefined }],
  ['that has expired', { exp: NOW() - 60 }],
  ['that never expires', { exp: undefined }],
  ['that expires as a word', { exp: 'never' }],
  ['that is not valid yet', { nbf: NOW() + 120 }],
  ['of nobody', { sub: undefined }],
  ['of an empty name', { sub: '' }],
  ['of a name that would forge a line of a log', { sub: 'ada\nadmin' }],
  ['of no tenant', { tenant: undefined }],
  ['of a tenant that is a path', { tenant: '../acme' }],
  ['of a tenant with another inside', { tenant: 'acme~other' }],
  ['of two tenants', { tenant: ['acme', 'other'] }],
];

const forged: [string, () => string | Promise<string>][] = [
  ['without a signature (alg none)', () => `${unsigned({ alg: 'none' }, payload())}.`],
  ['with alg nOnE', () => `${unsigned({ alg: 'nOnE', kid: 'first' }, payload())}.`],
  [
    'with HS256 and the public key as the secret',
    () => issuer.token({}, { alg: 'HS256' }, new TextEncoder().encode(issuer.publicPem)),
  ],
  ['signed by another key under the same kid', () => issuer.token({}, {}, other.privateKey)],
  ['with a kid that there is not', () => issuer.token({}, { kid: 'second' })],
  [
    'with a kid that is a path',
    () => issuer.token({}, { kid: '../../dev/null' }, other.privateKey),
  ],
  [
    'that brings its key along',
    async () => {
      const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
      return issuer.token({}, { jwk: await exportJWK(publicKey) }, privateKey);
    },
  ],
  ['that says where its key is', () => issuer.token({}, { jku: other.jwksUrl }, other.privateKey)],
  ['of a type of its own', () => issuer.token({}, { typ: 'dpop+jwt' })],
  [
    'with a critical header that nobody knows',
    () => signed({ alg: 'RS256', kid: 'first', crit: ['exp2'], exp2: 1 }, payload()),
  ],
  [
    'with a body that is not encoded',
    () => signed({ alg: 'RS256', kid: 'first', crit: ['b64'], b64: false }, payload()),
  ],
  [
    'of another resource of the same issuer',
    () => issuer.token({ aud: 'https://billing.example' }),
  ],
  ['of another issuer, signed by it', () => other.token()],
  ['without its signature', async () => (await issuer.token()).replace(/[^.]+$/, '')],
  [
    'with the signature of another token',
    async () => {
      const [header, , signature] = (await issuer.token()).split('.');
      const [, claims] = (await issuer.token({ tenant: 'other' })).split('.');
      return [header, claims, signature].join('.');
    },
  ],
  ['that is garbage', () => 'garbage'],
  ['that is three dots', () => '...'],
  ['that looks like a key', () => `dex_0123456789ab_${'A'.repeat(43)}`],
  ['longer than any is', async () => issuer.token({ more: 'x'.repeat(9000) })],
];

it('that lacks a scope is answered with what to ask for, and where', async () => {
  const response = await fetch(`${url}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await issuer.token()}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
      params: { name: 'mlflow.cancel_run', arguments: { run_id: 'r1' } },
    }),
  });
  expect(response.status).toBe(403);
  expect(response.headers.get('www-authenticate')).toBe(
    'Bearer error="insufficient_scope", error_description="This needs the scope runs:control.", ' +
      `scope="runs:control", resource_metadata="${METADATA}"`,
  );
});

describe('refused on every door is a token', () => {
  const all401 = DOORS.map(() => 401);

  it.each(wrongClaims)('%s', async (_what, claims) => {
    expect(await statuses(`Bearer ${await issuer.token(claims)}`)).toEqual(all401);
  });

  it.each(forged)('%s', async (_what, make) => {
    expect(await statuses(`Bearer ${await make()}`)).toEqual(all401);
  });

  it('with an algorithm that the settings leave out', async () => {
    const strict = await product.start({ ...settings, JWT_ALGORITHMS: 'ES256,EdDSA' });
    expect(await status(await issuer.token(), strict)).toBe(401);
    expect(await status(signed({ alg: 'RS256', kid: 'first' }, payload()))).toBe(200);
  });

  it('in any other place or form', async () => {
    const token = await issuer.token();
    for (const header of [
      token,
      `Basic ${token}`,
      `Bearer ${token} x`,
      `Bearer ${token},`,
      'Bearer',
      `Bearer\u00a0${token}`,
    ])
      expect(await statuses(header), header.slice(0, 10)).toEqual(all401);
    for (const query of ['access_token', 'token', 'authorization', 'api_key'])
      expect((await fetch(`${url}/tools?${query}=${token}`)).status).toBe(401);
    const cookie = `access_token=${token}; authorization=Bearer ${token}`;
    expect((await fetch(`${url}/tools`, { headers: { cookie, 'x-api-key': token } })).status).toBe(
      401,
    );
    const body = new URLSearchParams({ access_token: token });
    expect((await fetch(`${url}/invoke`, { method: 'POST', body })).status).toBe(401);
  });

  it.each([[0], [1]])('beside another one (%i)', async (place) => {
    const both = ['Bearer x', 'Bearer y'];
    both[place] = `Bearer ${await issuer.token()}`;
    const answered = new Promise<number | undefined>((resolve, reject) => {
      request(`${url}/tools`, {
        headers: ['host', '127.0.0.1', ...both.flatMap((one) => ['Authorization', one])],
      })
        .on('response', (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(await answered).toBe(401);
  });

  it(`with a character changed, ${150 * attackEffort} times`, async () => {
    const token = await issuer.token();
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const taken: string[] = [];
    for (let round = 0; round < 150 * attackEffort; round += 1) {
      // Over the whole token, and by another step each time round.
      const at = (round * 7919) % token.length;
      const now = alphabet[(alphabet.indexOf(token[at]!) + 1 + (round % 62)) % 64]!;
      const changed = token.slice(0, at) + now + token.slice(at + 1);
      // Of the last character, some bits are in no byte of the signature.
      const same = Buffer.from(changed.split('.')[2] ?? '', 'base64url').equals(
        Buffer.from(token.split('.')[2]!, 'base64url'),
      );
      if (at > token.lastIndexOf('.') && same) continue;
      if ((await status(changed)) !== 401) taken.push(changed);
    }
    expect(taken).toEqual([]);
  });
});

describe('the issuer', () => {
  it('is not asked again for each token that names a key that there is not', async () => {
    await status(await issuer.token());
    const before = issuer.asked();
    const tokens = Array.from({ length: 30 }, (_, i) => issuer.token({}, { kid: `no-${i}` }));
    for (const token of await Promise.all(tokens)) expect(await status(token)).toBe(401);
    expect(issuer.asked()).toBe(before);
  });

  it('away makes the server say so: a good token is not called bad, nor let in', async () => {
    const away = await product.start({ ...settings, JWT_JWKS_URL: 'http://127.0.0.1:9/jwks.json' });
    const headers = { authorization: `Bearer ${await issuer.token()}` };
    const response = await fetch(`${away}/mcp`, { ...POST, headers });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(response.headers.get('www-authenticate')).toBeNull();
    expect(await response.json()).toMatchObject({
      failure: { code: 'AUTHENTICATION_UNAVAILABLE' },
    });
    // What no key could make right is refused as ever.
    expect(await status(`${unsigned({ alg: 'none' }, payload())}.`, away)).toBe(401);
  });
});

describe('a tenant', () => {
  it('may be fixed, whatever a token claims', async () => {
    const fixed = await product.start({ ...settings, JWT_TENANT: 'only' });
    expect(await status(await issuer.token({ tenant: undefined }), fixed)).toBe(200);
  });

  it('may have a claim of its own', async () => {
    const named = await product.start({ ...settings, JWT_TENANT_CLAIM: 'https://example.com/org' });
    expect(await status(await issuer.token(), named)).toBe(401);
    const claims = { 'https://example.com/org': 'acme' };
    expect(await status(await issuer.token(claims), named)).toBe(200);
  });
});

describe('without a token', () => {
  it('a client is told where to get one, and for which scopes', async () => {
    const response = await fetch(`${url}/mcp`, { method: 'POST', body: '{}' });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(
      'Bearer error="invalid_token", error_description="This server wants to know who calls.", ' +
        `scope="experiments:run runs:read runs:control", resource_metadata="${METADATA}"`,
    );
  });

  it.each(['', '/mcp'])('the metadata are there to read (%s)', async (path) => {
    const response = await fetch(`${url}/.well-known/oauth-protected-resource${path}`);
    expect(await response.json()).toEqual({
      resource: 'https://experiments.example/mcp',
      authorization_servers: [issuer.issuer],
      scopes_supported: ['experiments:run', 'runs:read', 'runs:control'],
      resource_name: 'Durable experiments',
    });
  });
});
