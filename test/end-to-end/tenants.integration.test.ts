import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { SCOPES } from '../../schemas/caller.ts';
import { makeKey } from '../../server/access/api-key.ts';
import { writeKeyList } from '../../server/access/key-list.ts';
import { mcpRequest } from '../server/mcp-request.ts';
import { startTestService, type TestService } from '../support/test-service.ts';

/** Three callers of one server: acme has things, blue and the default tenant try to reach them. */
const TENANTS = ['acme', 'blue', 'default'] as const;
type Tenant = (typeof TENANTS)[number];

let service: TestService;
const keys = {} as Record<Tenant, string>;
/** What acme's callers have, and ids of the same kind that nobody has. */
const acme = { run: '', workflow: '', failed: '' };
const UNKNOWN_RUN = '0123456789abcdef0123456789abcdef';
const UNKNOWN_WORKFLOW = 'experiment-acme.00000000-0000-4000-8000-000000000000';
const source = { kind: 'file', path: 'train.csv', features: ['f1', 'f2', 'f3'], target: 'label' };
const experiment = 'shared name';

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tenants-'));
  const entries = TENANTS.map((tenant) => {
    const about = { name: `${tenant}-key`, tenant, scopes: [...SCOPES], expires: null };
    const { text, entry } = makeKey(about, new Date());
    keys[tenant] = text;
    return entry;
  });
  const API_KEYS_FILE = join(folder, 'api-keys.json');
  await writeKeyList(API_KEYS_FILE, entries);
  const ofAcme = join(folder, 'acme');
  await mkdir(ofAcme);
  const rows = Array.from({ length: 20 }, (_, i) => `${i},${i % 2}`);
  await writeFile(join(ofAcme, 'secret.csv'), ['f1,label', ...rows, ''].join('\n'));
  const CONNECTIONS_FILE = join(folder, 'connections.json');
  const sqlite = { kind: 'sqlite', path: 'demo.sqlite' };
  await writeFile(
    CONNECTIONS_FILE,
    JSON.stringify({ warehouse: { ...sqlite, tenants: ['acme'] }, open: sqlite }),
  );
  service = await startTestService((data) => ({
    ...{ API_KEYS_FILE, CONNECTIONS_FILE },
    DATA_ROOTS: `*/shared=${data},acme/private=${ofAcme}`,
  }));
  const run = { experiment_name: experiment, idempotency_key: 'one key', source: shared };
  const done = await call('acme', 'mlflow_run_experiment', {
    ...run,
    register: { model_name: 'churn', metric: 'accuracy' },
  });
  expect(done.body).toMatchObject({
    result: { status: 'FINISHED', registered: { model_name: 'churn', version: '1' } },
  });
  Object.assign(acme, { run: done.body.result.run_id, workflow: done.body.result.workflow_id });
  const wrong = { ...shared, target: 'nothing' };
  const failed = await call('acme', 'mlflow_run_experiment', {
    ...{ experiment_name: experiment, source: wrong },
  });
  acme.failed = failed.body.failure?.workflow_id ?? '';
});
afterAll(() => service.stop());

const shared = { ...source, path: 'shared:train.csv' };

interface Answer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: {
    /** Read only where the call has succeeded. */
    readonly result: { readonly run_id: string; readonly workflow_id: string } & {
      readonly runs: readonly unknown[];
    };
    readonly failure?: { readonly workflow_id?: string };
  };
}

async function call(tenant: Tenant, tool: string, params: object): Promise<Answer> {
  const response = await fetch(`${service.url}/invoke`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${keys[tenant]}` },
    body: JSON.stringify({ tool, params }),
  });
  const headers = [...response.headers.keys()].sort();
  return { status: response.status, headers, body: (await response.json()) as Answer['body'] };
}

/** An answer without what differs from call to call, and without the ids that were asked for. */
function comparable({ status, headers, body }: Answer, ids: readonly string[]): string {
  const rest = { ...body, request_id: '', duration_ms: 0 };
  return ids.reduce(
    (text, id) => text.replaceAll(id, 'ID'),
    JSON.stringify({ status, headers, rest }),
  );
}

async function connect(tenant: Tenant) {
  const client = new Client(
    { name: tenant, version: '1' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  const requestInit = { headers: { authorization: `Bearer ${keys[tenant]}` } };
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${service.url}/mcp`), { requestInit }),
  );
  return client;
}

/** Each way to ask for a run, by either id. */
const ASKING: readonly (readonly [string, (id: string) => object])[] = [
  ['mlflow_get_run', (run_id) => ({ run_id })],
  ['mlflow.get_run', (run_id) => ({ run_id, detail: 'full' })],
  ['mlflow_get_run', (run_id) => ({ run_id, wait_seconds: 1, cursor: 'c' })],
  ['mlflow_compare_runs', (run_id) => ({ run_ids: [run_id, UNKNOWN_RUN.replaceAll('0', 'f')] })],
  ['mlflow_retry_run', (run_id) => ({ run_id, step: 'load', reason: 'mine now' })],
  ['mlflow_cancel_run', (run_id) => ({ run_id })],
  // After the others: what they asked for is in the log, and none of it is about a run.
  ['mlflow_get_audit', (run_id) => ({ run_id })],
];

describe.each(['blue', 'default'] as const)('the tenant %s', (tenant) => {
  it.each(ASKING)('learns nothing of another’s run by %s', async (tool, params) => {
    const pairs = [
      [acme.run, UNKNOWN_RUN],
      [acme.workflow, UNKNOWN_WORKFLOW],
      [acme.failed, UNKNOWN_WORKFLOW],
    ];
    await Promise.all(
      pairs.map(async (ids) => {
        const asked = ids.map((id) => call(tenant, tool, params(id)));
        const [found, unknown] = (await Promise.all(asked)).map((it) => comparable(it, ids));
        expect(unknown).toContain('"status":404');
        expect(found).toBe(unknown);
      }),
    );
  });

  it.each(['tasks/get', 'tasks/cancel'])('learns nothing by %s', async (method) => {
    const post = (init: RequestInit) => {
      const headers = { ...init.headers, authorization: `Bearer ${keys[tenant]}` };
      return fetch(`${service.url}/mcp`, { ...init, headers });
    };
    const asked = [acme.workflow, UNKNOWN_WORKFLOW].map((taskId) =>
      mcpRequest(post, method, { taskId }),
    );
    const [found, unknown] = await Promise.all(asked);
    expect(unknown).toMatchObject({ error: { code: -32602 } });
    expect(found).toEqual(unknown);
  });

  it('learns nothing by resources', async () => {
    const client = await connect(tenant);
    const failure = (asked: Promise<unknown>): Promise<string> =>
      asked.then(
        () => 'an answer',
        (error: Error) => `${error.name} ${error.message}`,
      );
    const read = (id: string, rest: string) =>
      failure(client.readResource({ uri: `run://${id}/${rest}` }));
    const told = await Promise.all(
      [acme.run, UNKNOWN_RUN, acme.workflow, UNKNOWN_WORKFLOW].flatMap((id) =>
        ['report', 'report/card.html', 'history', 'audit'].map(async (rest) =>
          (await read(id, rest)).replaceAll(`${id}/${rest}`, 'URI'),
        ),
      ),
    );
    expect(new Set(told).size).toBe(1);
    expect(told[0]).toMatch(/not found/i);
    await client.close();
  });

  it('sees none of another’s runs in lists, nor its experiment', async () => {
    const all = await call(tenant, 'mlflow_list_runs', {});
    expect(JSON.stringify(all.body.result.runs)).not.toContain(acme.run);
    for (const name of [experiment, `acme~${experiment}`]) {
      const named = await call(tenant, 'mlflow_list_runs', { experiment_name: name });
      expect(named.status).toBe(404);
      expect(JSON.stringify(named.body)).not.toContain('Did you mean');
    }
    const tags = [{ tag: 'tenant', equals: 'acme' }];
    expect((await call(tenant, 'mlflow_list_runs', { tags })).body.result.runs).toEqual([]);
  });

  it('finds another’s folders and connections as little as unknown ones', async () => {
    const sources = (root: string, conn: string) => [
      { ...source, path: `${root}:secret.csv`, features: undefined },
      { kind: 'sql', conn, query: 'SELECT * FROM training_table', target: 'y' },
    ];
    const theirs = sources('private', 'warehouse');
    const nobodys = sources('nowhere', 'nothing');
    for (const tool of ['mlflow_validate_source', 'mlflow_run_experiment']) {
      const name = tool === 'mlflow_run_experiment' && { experiment_name: 'tried' };
      for (const [i, wanted] of theirs.entries()) {
        const found = await call(tenant, tool, { ...name, source: wanted });
        const unknown = await call(tenant, tool, { ...name, source: nobodys[i] });
        const ids = [
          ...['private', 'warehouse', 'nowhere', 'nothing'],
          ...[found, unknown].flatMap(({ body }) => body.failure?.workflow_id ?? []),
        ];
        expect(comparable(found, ids)).toBe(comparable(unknown, ids));
        expect(JSON.stringify(found.body)).toMatch(/NOT_FOUND|NOT_ALLOWED/);
      }
    }
  });

  it('has names and keys of its own, whatever another’s are', async () => {
    const run = { experiment_name: experiment, idempotency_key: 'one key', source: shared };
    const register = { model_name: 'churn', metric: 'accuracy' };
    const own = await call(tenant, 'mlflow_run_experiment', {
      ...{ ...run, register, params: { seed: 7 } },
    });
    expect(own.body.result).toMatchObject({
      ...{ status: 'FINISHED', registered: { model_name: 'churn', version: '1', champion: true } },
    });
    const { run_id } = own.body.result;
    expect(run_id).not.toBe(acme.run);
    const listed = await call(tenant, 'mlflow_list_runs', { experiment_name: experiment });
    expect(listed.body.result.runs).toMatchObject([{ run_id, experiment }]);
    const seen = await call('acme', 'mlflow_get_run', { run_id });
    expect(seen.status).toBe(404);
  });
});

it('lets acme do all of that with what is its own', async () => {
  for (const id of [acme.run, acme.workflow]) {
    const { body } = await call('acme', 'mlflow_get_run', { run_id: id });
    expect(body.result).toMatchObject({ run_id: acme.run, status: 'FINISHED' });
  }
  for (const wanted of [
    { ...source, path: 'private:secret.csv', features: undefined },
    { kind: 'sql', conn: 'warehouse', query: 'SELECT * FROM training_table', target: 'y' },
  ]) {
    const looked = await call('acme', 'mlflow_validate_source', { source: wanted });
    expect(looked.body.result).toMatchObject({ ok: true });
  }
  const listed = await call('acme', 'mlflow_list_runs', { experiment_name: experiment });
  expect(listed.body.result.runs).toMatchObject([{ run_id: acme.run, experiment }]);
});
