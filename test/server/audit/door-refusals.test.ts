import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { auditFile, openAuditDatabase } from '../../../platform/audit/database/open-database.ts';
import { createLogger } from '../../../platform/logging.ts';
import { readConfig } from '../../../schemas/config.ts';
import { makeKey } from '../../../server/access/api-key.ts';
import { writeKeyList } from '../../../server/access/key-list.ts';
import { startServer } from '../../../server/listen.ts';
import { mcpRequest } from '../mcp-request.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'door-refusals-'));
});
afterEach(() => rm(folder, { recursive: true }));

const nowhere = { TEMPORAL_ADDRESS: '127.0.0.1:9', MLFLOW_TRACKING_URI: 'http://127.0.0.1:9' };

/** A server, what a test does to it, and the events that are left of it. */
async function eventsAfter(
  given: Readonly<Record<string, string>>,
  act: (url: string) => Promise<unknown>,
) {
  const settings = { ...nowhere, STATE_DIR: folder, PORT: '0', LOG_LEVEL: 'silent', ...given };
  const config = readConfig(settings);
  const server = await startServer(config, createLogger('test', config.LOG_LEVEL));
  await act(server.url);
  await server.stop();
  const { tables } = openAuditDatabase({ path: auditFile(config), readOnly: true });
  const rows = await tables.selectFrom('audit_events').select('body').orderBy('seq').execute();
  await tables.destroy();
  const events = rows.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  return (name: string) => events.filter((event) => event['event.name'] === name);
}

async function readersKey(): Promise<string> {
  const about = { name: 'reader', tenant: 'acme', scopes: ['runs:read'] as const, expires: null };
  const { text, entry } = makeKey({ ...about, scopes: [...about.scopes] }, new Date());
  await writeKeyList(join(folder, 'keys', 'api-keys.json'), [entry]);
  return text;
}

/** With a Host header of its own choice, which fetch does not allow. */
const asHost = (url: string, host: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request(`${url}/tools`, { headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end();
  });

it('has strangers who are not let in as sums, in the chain of the service', async () => {
  await readersKey();
  const named = await eventsAfter({ RATE_PER_ADDRESS: '2' }, async (url) => {
    expect(await asHost(url, 'evil.example')).toBe(403);
    await Promise.all(Array.from({ length: 40 }, () => fetch(`${url}/tools`)));
  });
  const sums = new Map<unknown, number>();
  for (const event of named('access.refused')) {
    expect(event).toMatchObject({ 'audit.chain': '~service', addresses: 1 });
    const code = event['error.type'];
    sums.set(code, (sums.get(code) ?? 0) + (event['count'] as number));
  }
  expect(sums.get('HOST_NOT_ALLOWED')).toBe(1);
  expect((sums.get('UNAUTHENTICATED') ?? 0) + (sums.get('RATE_LIMITED') ?? 0)).toBe(40);
  expect(sums.get('RATE_LIMITED')).toBeGreaterThan(0);
  expect(named('access.refused').length).toBeLessThanOrEqual(6);
});

it('has a caller without the scope as a refused call, whatever the door', async () => {
  const key = await readersKey();
  const authorization = `Bearer ${key}`;
  const named = await eventsAfter({}, async (url) => {
    const post = (init: RequestInit) =>
      fetch(`${url}/mcp`, { ...init, headers: { ...init.headers, authorization } });
    const call = { name: 'mlflow.run_experiment', arguments: { secret: 's3cret' } };
    expect((await mcpRequest(post, 'tools/call', call)).status).toBe(403);
    expect((await mcpRequest(post, 'resources/read', { uri: 'run://r1/audit' })).status).toBe(403);
    const invoked = await fetch(`${url}/invoke`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ tool: 'mlflow.cancel_run', params: { run_id: 'r1' } }),
    });
    expect(invoked.status).toBe(403);
  });
  const refused = { 'audit.chain': 'acme', 'user.id': 'reader', decision: 'refused' };
  const code = { 'error.type': 'SCOPE_MISSING' };
  expect(named('tool.requested')).toMatchObject([
    { ...refused, ...code, 'gen_ai.tool.name': 'mlflow_run_experiment' },
    { ...refused, ...code, 'gen_ai.tool.name': 'resources/read', rule: 'scope audit:read' },
    { ...refused, ...code, 'gen_ai.tool.name': 'mlflow_cancel_run', rule: 'scope runs:control' },
  ]);
});

it('has a caller who asks too often as a sum, in the chain of the tenant', async () => {
  const authorization = `Bearer ${await readersKey()}`;
  const named = await eventsAfter({ RATE_PER_CALLER: '1' }, async (url) => {
    const asked = Array.from({ length: 100 }, () =>
      fetch(`${url}/tools`, { headers: { authorization } }),
    );
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses).toContain(200);
    expect(statuses).toContain(429);
  });
  expect(named('access.refused').length).toBeLessThanOrEqual(3);
  for (const event of named('access.refused')) {
    expect(event).toMatchObject({
      ...{ 'audit.chain': 'acme', 'user.id': 'reader', 'error.type': 'RATE_LIMITED' },
    });
  }
  expect(named('access.refused')[0]).toMatchObject({ count: 1, addresses: 1 });
});
