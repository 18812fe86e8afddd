import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { makeKey } from '../../../server/access/api-key.ts';
import { writeKeyList } from '../../../server/access/key-list.ts';
import { startTestService, type TestService } from '../../support/test-service.ts';

const source = { kind: 'file', path: 'train.csv', target: 'label' };
const unique = randomUUID().slice(0, 8);
const tenants = ['burst', 'keys', 'daily', 'full', 'free', 'roomy'].map(
  (name) => `${name}-${unique}`,
);
const [BURST, KEYS, DAILY, FULL, FREE, ROOMY] = tenants as [string, ...string[]] as Six;

type Six = [string, string, string, string, string, string];

let folder: string;
let service: TestService;
const keyOf = new Map<string, string>();

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly result: { readonly workflow_id: string } | null;
  readonly failure?: Readonly<Record<string, unknown>>;
}

async function call(tenant: string, tool: string, params: object): Promise<Answer> {
  const response = await fetch(`${service.url}/invoke`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${keyOf.get(tenant)}`,
    },
    body: JSON.stringify({ tool, params }),
  });
  const { status, headers } = response;
  const body = (await response.json()) as Omit<Answer, 'status' | 'retryAfter'>;
  return { ...body, status, retryAfter: headers.get('retry-after') };
}

const start = (tenant: string, more: object = {}) =>
  call(tenant, 'mlflow.run_experiment', {
    ...{ experiment_name: 'quotas', source, wait_seconds: 0 },
    ...more,
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quotas-'));
  const API_KEYS_FILE = join(folder, 'api-keys.json');
  const entries = tenants.map((tenant) => {
    const scopes = ['experiments:run', 'runs:read', 'runs:control'] as const;
    const { text, entry } = makeKey(
      { name: 'agent', tenant, scopes: [...scopes], expires: null },
      new Date(),
    );
    keyOf.set(tenant, text);
    return entry;
  });
  await writeKeyList(API_KEYS_FILE, entries);
  const QUOTAS_FILE = join(folder, 'quotas.json');
  for (const tenant of [FULL, ROOMY]) {
    await mkdir(join(folder, 'tenants', tenant), { recursive: true });
    await writeFile(join(folder, 'tenants', tenant, 'blob'), '6bytes');
  }
  await writeFile(
    QUOTAS_FILE,
    JSON.stringify({
      [DAILY]: { running: null, runs_per_day: 2 },
      [FULL]: { running: null, bytes: 6 },
      [ROOMY]: { running: null, bytes: 7 },
      [FREE]: { running: null },
    }),
  );
  // Without a worker every run keeps going.
  service = await startTestService(
    {
      ...{ API_KEYS_FILE, QUOTAS_FILE, QUOTA_RUNNING: '10' },
      ...{ DATA_ROOTS: `*/data=${folder}`, BLOB_STORE: folder },
    },
    { worker: false },
  );
});
afterAll(async () => {
  await service.stop();
  await rm(folder, { recursive: true });
});

describe('quotas', () => {
  it('let exactly as many runs go on at once as they say, whatever the burst', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => start(BURST)));
    const started = answers.filter(({ status }) => status === 200);
    expect(started).toHaveLength(10);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.failure).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      message: '10 of at most 10 runs are going.',
      retry_after_seconds: 15,
    });
    expect(refused?.retryAfter).toBe('15');
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]));
    // Its end makes room for one more, as soon as Temporal shows it.
    const [first] = started;
    await service.temporal.workflow.getHandle(first!.result!.workflow_id).terminate();
    await expect.poll(async () => (await start(BURST)).status).toBe(200);
    expect((await start(BURST)).status).toBe(429);
  });

  it('cost a known idempotency key nothing', async () => {
    const first = await start(KEYS, { idempotency_key: 'first' });
    const rest = await Promise.all(Array.from({ length: 12 }, () => start(KEYS)));
    expect(rest.filter(({ status }) => status === 200)).toHaveLength(9);
    const again = await start(KEYS, { idempotency_key: 'first' });
    expect(again.result?.workflow_id).toBe(first.result?.workflow_id);
    expect((await start(KEYS, { idempotency_key: 'second' })).status).toBe(429);
  });

  it('count a key once that comes many times at once', async () => {
    const tenant = FREE;
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => start(tenant, { idempotency_key: 'same' })),
    );
    expect(new Set(answers.map(({ result }) => result?.workflow_id)).size).toBe(1);
  });

  it('say when a day’s runs are used up', async () => {
    expect((await start(DAILY)).status).toBe(200);
    expect((await start(DAILY)).status).toBe(200);
    const { failure } = await start(DAILY);
    expect(failure).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      message: '2 of at most 2 runs have been started today.',
    });
    expect(failure?.['hint']).toMatch(/after midnight UTC, in \d+ h \d+ min/);
    const left = Number(failure?.['retry_after_seconds']);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(86_400);
  });

  it('look at what a tenant keeps', async () => {
    expect((await start(ROOMY)).status).toBe(200);
    const { failure } = await start(FULL);
    expect(failure).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      message: 'Datasets and models of earlier runs take 6 of at most 6 bytes.',
    });
    expect(failure).not.toHaveProperty('retry_after_seconds');
  });

  it('are each tenant’s own', async () => {
    expect((await start(FREE)).status).toBe(200);
  });
});
