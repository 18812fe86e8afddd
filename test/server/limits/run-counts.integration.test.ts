import { randomUUID } from 'node:crypto';

import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';

import { createTenancy } from '../../../server/experiments/tenancy.ts';
import { createRunCounts } from '../../../server/limits/run-counts.ts';

let connection: Connection;
let client: Client;
beforeAll(async () => {
  connection = await Connection.connect({ address: inject('temporal') });
  client = new Client({ connection });
});
afterAll(() => connection.close());

/** Nobody serves it: what is started there stays. */
const taskQueue = `counts-${randomUUID()}`;
const where = `TaskQueue = '${taskQueue}'`;

async function started(...tenants: string[]): Promise<string[]> {
  const ids = tenants.map((tenant) => createTenancy(tenant).workflowId());
  for (const workflowId of ids) {
    await client.workflow.start('runExperiment', { workflowId, taskQueue, args: [] });
  }
  const shown = async () => (await client.workflow.count(where)).count;
  await expect.poll(shown).toBeGreaterThanOrEqual(ids.length);
  return ids;
}

it('counts the runs of one tenant, even where one’s name begins as another’s', async () => {
  const ids = await started(
    ...['default', 'default', 'acme', 'acme-2', 'a_me', 'key-1', 'acme', 'default'],
  );
  await expect.poll(async () => (await client.workflow.count(where)).count).toBe(ids.length);
  const counts = createRunCounts(client);
  const count = (tenant: string, exactFrom = 1, without: string[] = []) =>
    counts.count({ tenant, where, without, exactFrom });
  expect(await count('acme')).toBe(2);
  expect(await count('acme-2')).toBe(1);
  expect(await count('a_me')).toBe(1);
  expect(await count('nobody')).toBe(0);
  // Where it does not matter nobody looks at each.
  expect(await count('default', 9)).toBe(8);
  expect(await count('default')).toBe(3);
  expect(await count('default', 9)).toBe(3);
  expect(await count('default', 1, [ids[0]!, ids[2]!])).toBe(2);
  expect(await count('acme', 1, [ids[2]!])).toBe(1);
});

it('tells which ids Temporal shows, since when', async () => {
  const [id] = await started('shown');
  const counts = createRunCounts(client);
  const hour = 3_600_000;
  const unknown = createTenancy('shown').workflowId();
  expect(await counts.shown([id!, unknown], new Date(Date.now() - hour))).toEqual(new Set([id]));
  expect(await counts.shown([id!], new Date(Date.now() + hour))).toEqual(new Set());
});
