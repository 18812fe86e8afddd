import {
  Client,
  ClientCredentialsProvider,
  StreamableHTTPClientTransport,
  type StreamableHTTPClientTransportOptions,
} from '@modelcontextprotocol/client';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, describe, expect, it } from 'vitest';

import { freePort } from '../../../local/ports.ts';
import { makeKey } from '../../../server/access/api-key.ts';
import { writeKeyList } from '../../../server/access/key-list.ts';
import { askingServer } from './asking-server.ts';
import { startIssuer } from './token-issuer.ts';

const issuer = await startIssuer('ES256');
const product = await askingServer();
afterAll(async () => {
  await product.stop();
  await issuer.stop();
});

const about = { name: 'agent', tenant: 'acme', scopes: ['runs:read' as const], expires: null };
const { text: key, entry } = makeKey(about, new Date());
await writeKeyList(product.keysFile, [entry]);
/** A resource has to be called by its address, so that this has to be known before the server starts. */
const PORT = String(await freePort());
const url = await product.start({
  ...{ PORT, PUBLIC_URL: `http://127.0.0.1:${PORT}` },
  ...{ JWT_ISSUER: issuer.issuer, JWT_JWKS_URL: issuer.jwksUrl },
  JWT_AUDIENCE: `http://127.0.0.1:${PORT}/mcp`,
});
const mcp = new URL(`${url}/mcp`);
const withKey = { requestInit: { headers: { authorization: `Bearer ${key}` } } };
const READING = ['mlflow_get_run', 'mlflow_list_runs', 'mlflow_compare_runs'];

async function newer(
  options: StreamableHTTPClientTransportOptions,
  mode: 'auto' | 'legacy' = 'auto',
) {
  const client = new Client({ name: 'x', version: '1' }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(mcp, options));
  return client;
}

async function older(options: StreamableHTTPClientTransportOptions) {
  const client = new OlderClient({ name: 'x', version: '1' });
  const { requestInit = {} } = options;
  await client.connect(new OlderTransport(mcp, { requestInit }));
  return client;
}

describe.each([
  ['of today', newer, /requires authorization \(HTTP 401\)/],
  ['of today, speaking as of 2025', (o: object) => newer(o, 'legacy'), /UNAUTHENTICATED/],
  ['of 2025', older, /UNAUTHENTICATED/],
])('the official client %s', (_which, connect, refused) => {
  it('with a key sees what the key may do, and no more', async () => {
    const client = await connect(withKey);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(READING);
    const call = { name: 'mlflow_cancel_run', arguments: { run_id: 'r1' } };
    await expect(client.callTool(call)).rejects.toThrow(/insufficient_scope|runs:control/);
    await client.close();
  });

  it('without one is told why it can’t connect', async () => {
    await expect(connect({})).rejects.toThrow(refused);
  });
});

it('the official client gets its token from the issuer by itself, and a stronger one when a tool needs it', async () => {
  const provider = new ClientCredentialsProvider({
    ...{ clientId: 'agent', clientSecret: 'secret', expectedIssuer: issuer.issuer },
  });
  const client = await newer({ authProvider: provider });
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(READING);
  const first = { scope: 'experiments:run runs:read runs:control', resource: mcp.href };
  expect(issuer.grants).toEqual([first]);

  // Nothing stands behind the server: that it says so shows that the tool was reached.
  const call = { name: 'mlflow_cancel_run', arguments: { run_id: 'r1' } };
  const { structuredContent } = await client.callTool(call);
  expect(structuredContent).toMatchObject({
    failure: { code: expect.stringMatching(/^(MLFLOW|TEMPORAL)_/) as string },
  });
  expect(issuer.grants).toHaveLength(2);
  expect(issuer.grants[1]?.scope).toContain('runs:control');
  await client.close();
});
