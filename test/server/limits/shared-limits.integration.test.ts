import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { makeKey } from '../../../server/access/api-key.ts';
import { writeKeyList } from '../../../server/access/key-list.ts';
import { openCountsDatabase, type CountsDatabase } from '../../../server/limits/counts-database.ts';
import { createRate, type Rate } from '../../../server/limits/rate.ts';
import { createSharedStartedRuns } from '../../../server/limits/shared-started-runs.ts';
import { newPostgresDatabase, queryPostgres } from '../../support/postgres-database.ts';
import { startTestService, type TestService } from '../../support/test-service.ts';

const QUOTA = 7;
const unique = randomUUID().replaceAll('-', '').slice(0, 12);
const stack = new AsyncDisposableStack();
let url: string;
let services: TestService[];
let key: string;

beforeAll(async () => {
  url = await newPostgresDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'shared-limits-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const scopes = ['experiments:run', 'runs:read', 'runs:control'] as const;
  const made = makeKey(
    { name: 'agent', tenant: `shared-${unique}`, scopes: [...scopes], expires: null },
    new Date(),
  );
  key = made.text;
  const API_KEYS_FILE = join(folder, 'api-keys.json');
  await writeKeyList(API_KEYS_FILE, [made.entry]);
  const settings = (data: string) => ({
    ...{ API_KEYS_FILE, AUDIT_DATABASE_URL: url, QUOTA_RUNNING: String(QUOTA) },
    ...{ RATE_PER_CALLER: '1000', DATA_ROOTS: `*/data=${data}` },
    TEMPORAL_TASK_QUEUE: `shared-limits-${unique}`,
  });
  // Without a worker every run keeps going.
  const start = () => startTestService(settings, { worker: false });
  services = [await start(), await start()];
  for (const service of services) stack.defer(() => service.stop());
});
afterAll(() => stack.disposeAsync());

const source = { kind: 'file', path: 'train.csv', target: 'label' };

async function statusOfStart(service: TestService): Promise<number> {
  const response = await fetch(`${service.url}/invoke`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({
      tool: 'mlflow_run_experiment',
      params: { experiment_name: 'shared', source, wait_seconds: 0 },
    }),
  });
  return response.status;
}

describe('two servers on one PostgreSQL', () => {
  it('let exactly as many runs of a tenant go on as its quota says, whichever is asked', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 40 }, (_, i) => statusOfStart(services[i % 2] as TestService)),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(QUOTA);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
  });

  it('count a caller’s points together', async () => {
    const databases = [0, 1].map(() => openCountsDatabase({ AUDIT_DATABASE_URL: url }));
    const rates = databases.map((database) => createRate(2, database));
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => (rates[i % 2] as Rate).take('acme/agent')),
    );
    expect(answers.filter((seconds) => seconds === 0)).toHaveLength(20);
    for (const database of databases) await database?.close();
  });

  it('outlive a connection that breaks while a tenant’s turn goes on', async () => {
    const database = openCountsDatabase({ AUDIT_DATABASE_URL: url }) as CountsDatabase;
    stack.defer(() => database.close());
    const runs = createSharedStartedRuns(database);
    const broken = runs.inTurn('acme', async (started) => {
      await queryPostgres(
        url,
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and state = 'idle in transaction'
           and application_name = 'durable-experiments limits'`,
      );
      await started.add('one');
    });
    await expect(broken).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    const all = await runs.inTurn('acme', (started) => started.all());
    expect(all.size).toBe(0);
  });
});

it('without their database, servers count for themselves, and let no run in under a quota', async () => {
  const nowhere = openCountsDatabase({ AUDIT_DATABASE_URL: 'postgresql://a:b@127.0.0.1:1/none' });
  const rate = createRate(1, nowhere);
  const answers = await Promise.all(Array.from({ length: 15 }, () => rate.take('acme/agent')));
  expect(answers.filter((seconds) => seconds === 0)).toHaveLength(10);
  const started = createSharedStartedRuns(nowhere as CountsDatabase);
  await expect(started.inTurn('acme', () => Promise.resolve())).rejects.toMatchObject({
    code: 'AUDIT_UNAVAILABLE',
  });
  await nowhere?.close();
});
