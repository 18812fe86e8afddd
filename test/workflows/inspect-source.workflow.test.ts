import { randomBytes, randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Context } from '@temporalio/activity';
import { Client, Connection } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';

import { createSealer } from '../../platform/codec/sealing.ts';
import { createFileStore } from '../../platform/storage/file-store.ts';
import {
  validateSourceSchema,
  type Inspection,
  type InspectionInput,
} from '../../schemas/inspection.ts';
import { inspectSource } from '../../server/experiments/inspect-source.ts';
import { createTenancy } from '../../server/experiments/tenancy.ts';
import { temporaryFolder } from '../activities/sources/temporary-folder.ts';

const found: Inspection = {
  ...{ ok: true, source: '2 inline records', would_run: 'A model.', rows: 2, rows_read: 'all' },
  ...{ column_count: 2, columns: [], class_count: 2, classes: [], split: null },
  ...{ problems: [], warnings: [] },
};
const request = validateSourceSchema.parse({
  source: { kind: 'inline', records: [{ text: 'secret-text', label: 1 }] },
});
const never = new AbortController().signal;

const folder = await temporaryFolder();
const blobs = createFileStore(join(folder, 'blobs'));
let connection: NativeConnection;
let client: Client;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const address = inject('temporal');
  connection = await NativeConnection.connect({ address });
  client = new Client({ connection: await Connection.connect({ address }) });
});
afterAll(async () => {
  await client.connection.close();
  await connection.close();
});

const dependencies = (taskQueue: string) => ({
  ...{ client, taskQueue, blobs, sealer: createSealer(randomBytes(32)) },
  tenancy: createTenancy('default'),
  loopbackAllowed: true,
  rawConnectionsAllowed: false,
});

/** Has a worker answer an inspection with `look`. */
async function inspect(look: (input: InspectionInput) => Promise<unknown>, seconds = 40) {
  const taskQueue = `test-${randomUUID()}`;
  const worker = await Worker.create({
    ...{ connection, taskQueue, activities: { inspectSource: look } },
    workflowsPath: fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)),
    maxHeartbeatThrottleInterval: '100 ms',
  });
  return worker.runUntil(() => inspectSource(dependencies(taskQueue), request, never, seconds));
}

async function recordsLeft(): Promise<number> {
  const entries = await readdir(join(folder, 'blobs'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).length;
}

describe('inspectSource', () => {
  it('has a worker look, hands over records as a blob, and takes that away afterwards', async () => {
    const seen: { input: InspectionInput; bytes: Buffer }[] = [];
    const answer = await inspect(async (input) => {
      if (input.source.kind !== 'inline') throw new TypeError('records were sent');
      seen.push({ input, bytes: await blobs.getBytes(input.source.records) });
      return { ...found, usage: { seconds: 1 } };
    });
    expect(answer).toEqual(found);
    expect(seen.map(({ bytes }) => JSON.parse(bytes.toString()) as unknown)).toEqual([
      [{ text: 'secret-text', label: 1 }],
    ]);
    expect(JSON.stringify(seen[0]?.input)).not.toContain('secret-text');
    expect(seen[0]?.input.model).toBe('logreg_text');
    expect(await recordsLeft()).toBe(0);
  });

  it('tries an outage again, and then throws what it was', async () => {
    let tries = 0;
    const away = inspect(() => {
      tries++;
      const details = [
        { code: 'DATABASE_UNAVAILABLE', step: null, message: 'Away.', hint: 'Wait.' },
      ];
      throw ApplicationFailure.create({ type: 'DATABASE_UNAVAILABLE', message: 'Away.', details });
    });
    await expect(away).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE', hint: 'Wait.' });
    expect(tries).toBe(3);
    expect(await recordsLeft()).toBe(0);
  });

  it('stops the worker when the time is over', async () => {
    let stopped = false;
    const slow = inspect(async () => {
      const context = Context.current();
      const beat = setInterval(() => context.heartbeat(), 50);
      await context.cancelled.catch(() => (stopped = true)).finally(() => clearInterval(beat));
      return found;
    }, 2);
    await expect(slow).rejects.toMatchObject({
      ...{ code: 'STEP_TIMEOUT', message: 'The worker has not answered within 2 seconds.' },
    });
    expect(stopped).toBe(true);
  });

  it('says so when there is no worker, and leaves nothing that waits for one', async () => {
    const taskQueue = `test-${randomUUID()}`;
    const asked = inspectSource(dependencies(taskQueue), request, never, 2);
    await expect(asked).rejects.toMatchObject({
      ...{ code: 'STEP_TIMEOUT', message: 'No worker has taken up the request within 2 seconds.' },
      hint: expect.stringContaining('Start a worker') as string,
    });
    await vi.waitFor(async () => {
      const statuses = [];
      for await (const { status } of client.workflow.list({
        query: `TaskQueue = '${taskQueue}'`,
      })) {
        statuses.push(status.name);
      }
      expect(statuses).toEqual(['TERMINATED']);
    });
    expect(await recordsLeft()).toBe(0);
  });

  it('answers for itself that connection strings are not taken', async () => {
    const conn = 'postgresql://demo:hunter2@127.0.0.1/demo';
    const source = { kind: 'sql', conn, query: 'SELECT 1', target: 'y' };
    const given = validateSourceSchema.parse({ source });
    const answer = await inspectSource(dependencies('nobody'), given, never);
    expect(answer).toMatchObject({
      ...{ ok: false, problems: [{ code: 'CONNECTION_NOT_ALLOWED', field: 'source.conn' }] },
    });
    expect(JSON.stringify(answer)).not.toContain('hunter2');
  });
});
