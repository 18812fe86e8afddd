import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { auditFile } from '../../platform/audit/database/open-database.ts';
import { SCOPES, type Scope } from '../../schemas/caller.ts';
import { readConfig } from '../../schemas/config.ts';
import { makeKey } from '../../server/access/api-key.ts';
import { writeKeyList } from '../../server/access/key-list.ts';
import { createTenancy } from '../../server/experiments/tenancy.ts';
import { mcpRequest } from '../server/mcp-request.ts';
import { startTestService, type TestService } from '../support/test-service.ts';

type Name = 'auditor' | 'agent' | 'other';
const CALLERS: Readonly<Record<Name, { tenant: string; scopes: readonly Scope[] }>> = {
  auditor: { tenant: 'acme', scopes: SCOPES },
  agent: { tenant: 'acme', scopes: ['experiments:run', 'runs:read'] },
  other: { tenant: 'blue', scopes: SCOPES },
};

let folder: string;
let service: TestService;
const keys = {} as Record<Name, string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-trail-'));
  const API_KEYS_FILE = join(folder, 'api-keys.json');
  const entries = Object.entries(CALLERS).map(([name, { tenant, scopes }]) => {
    const about = { name, tenant, scopes: [...scopes], expires: null };
    const { text, entry } = makeKey(about, new Date());
    keys[name as Name] = text;
    return entry;
  });
  await writeKeyList(API_KEYS_FILE, entries);
  service = await startTestService((data) => ({ API_KEYS_FILE, DATA_ROOTS: `*/shared=${data}` }));
});
afterAll(async () => {
  await service.stop();
  await rm(folder, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly result: {
    readonly run_id: string;
    readonly workflow_id: string;
    readonly events: readonly { readonly seq: number; readonly event: string; line: string }[];
    readonly next_cursor: string | null;
  };
  readonly failure?: { readonly code: string };
}

async function call(caller: Name, tool: string, params: object): Promise<Answer> {
  const response = await fetch(`${service.url}/invoke`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${keys[caller]}` },
    body: JSON.stringify({ tool, params }),
  });
  return { status: response.status, ...((await response.json()) as Omit<Answer, 'status'>) };
}

const run = (more: object = {}) =>
  call('agent', 'mlflow_run_experiment', {
    ...{ experiment_name: 'audited', source: { kind: 'file', path: 'train.csv', target: 'label' } },
    ...more,
  });

/** All pages of a trail, as a person would leaf through it. */
async function linesOf(run_id: string): Promise<string[]> {
  const lines: string[] = [];
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const { status, result } = await call('auditor', 'mlflow_get_audit', {
      ...{ run_id, limit: 200, ...(cursor !== undefined && { cursor }) },
    });
    expect(status).toBe(200);
    lines.push(...result.events.map(({ line }) => line));
    cursor = result.next_cursor;
  }
  return lines;
}

describe('the audit log of a service', () => {
  it('tells a run from its request on, to whoever may read it', async () => {
    const { result } = await run();
    const failed = await run({ source: { kind: 'file', path: 'none.csv', target: 'label' } });
    expect(failed.failure?.code).toBe('FILE_NOT_FOUND');
    const lines = await linesOf(result.workflow_id);
    expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\d [\d:.]+ agent called mlflow_run_experiment$/);
    expect(lines.join('\n')).toMatch(/mlflow_run_experiment of agent completed after [\d.]+ s$/m);
    expect(await linesOf(result.run_id)).toEqual(lines);
    expect(lines.join('\n')).not.toContain('FILE_NOT_FOUND');

    const refused = await call('agent', 'mlflow_get_audit', { run_id: result.run_id });
    expect(refused).toMatchObject({ status: 403, failure: { code: 'SCOPE_MISSING' } });
  });

  it('tells of those who would change a run, done or not', async () => {
    const { result } = await run();
    const { run_id } = result;
    const asked = await call('auditor', 'mlflow_cancel_run', { run_id, reason: 'private words' });
    expect(asked.status).toBe(200);
    await call('other', 'mlflow_cancel_run', { run_id });
    const lines = (await linesOf(run_id)).join('\n');
    expect(lines).toMatch(/auditor called mlflow_cancel_run$/m);
    expect(lines).toMatch(/mlflow_cancel_run of auditor completed/);
    expect(lines).not.toMatch(/private words|other/);
  });

  it('is to be read as a resource, and each reading is in it', async () => {
    const { result } = await run();
    const transport = new StreamableHTTPClientTransport(new URL('/mcp', service.url), {
      requestInit: { headers: { authorization: `Bearer ${keys.auditor}` } },
    });
    const client = new Client({ name: 'auditor', version: '1' });
    await client.connect(transport);
    const uri = `run://${result.run_id}/audit`;
    const { contents } = await client.readResource({ uri });
    await client.close();
    const trail = JSON.parse((contents[0] as { text: string }).text) as Answer['result'];
    expect(trail.workflow_id).toBe(result.workflow_id);
    expect(trail.events[0]?.line).toMatch(/agent called mlflow_run_experiment$/);
    expect(recorded('acme')).toContainEqual(
      expect.objectContaining({
        ...{ 'event.name': 'tool.requested', 'gen_ai.tool.name': 'resources/read' },
        ...{ 'user.id': 'auditor', decision: 'allowed', rule: 'scope audit:read' },
      }),
    );
  });

  it('has the requests of tasks, too', async () => {
    const post = (init: RequestInit) => {
      const headers = { ...init.headers, authorization: `Bearer ${keys.auditor}` };
      return fetch(`${service.url}/mcp`, { ...init, headers });
    };
    const { result } = await run();
    const taskId = result.workflow_id;
    expect((await mcpRequest(post, 'tasks/get', { taskId })).status).toBe(200);
    expect((await mcpRequest(post, 'tasks/cancel', { taskId })).status).toBe(200);
    const asked = recorded('acme').map((event) => event['gen_ai.tool.name']);
    expect(asked).toContain('tasks/get');
    expect((await linesOf(taskId)).join('\n')).toMatch(/tasks\/cancel of auditor completed/);
  });

  it('keeps what it can’t record from being done, and goes on when it can', async () => {
    const idempotency_key = 'while the log is away';
    const holder = new DatabaseSync(auditFile(readConfig(service.settings)));
    holder.exec('BEGIN IMMEDIATE');
    const started = await run({ idempotency_key });
    holder.exec('ROLLBACK');
    holder.close();
    expect(started).toMatchObject({ status: 503, failure: { code: 'AUDIT_UNAVAILABLE' } });
    const id = createTenancy('acme').workflowId(idempotency_key);
    await expect(service.temporal.workflow.getHandle(id).describe()).rejects.toThrow(/not found/i);
    expect(await run({ idempotency_key })).toMatchObject({
      status: 200,
      result: { workflow_id: id, status: 'FINISHED' },
    });
  });
});

it('works as ever without a log, and says that there is none', async () => {
  const without = await startTestService({ AUDIT: 'false' }, { worker: false });
  const { result } = await without.invoke('mlflow_run_experiment', {
    ...{ experiment_name: 'unaudited', wait_seconds: 0 },
    source: { kind: 'file', path: 'train.csv', target: 'label' },
  });
  const run_id = String(result?.['workflow_id']);
  const { status, failure } = await without.invoke('mlflow_get_audit', { run_id });
  await without.temporal.workflow.getHandle(run_id).terminate();
  await without.stop();
  expect(result).toMatchObject({ status: 'RUNNING' });
  expect([status, failure?.['code']]).toEqual([503, 'AUDIT_UNAVAILABLE']);
});

function recorded(chain: string): Record<string, unknown>[] {
  const database = new DatabaseSync(auditFile(readConfig(service.settings)), { readOnly: true });
  const rows = database.prepare('SELECT body FROM audit_events WHERE chain = ?').all(chain);
  database.close();
  return rows.map(({ body }) => JSON.parse(String(body)) as Record<string, unknown>);
}
