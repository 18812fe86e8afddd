import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import proto from '@temporalio/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { followRuns } from '../support/follow-runs.ts';
import { startTestService, type TestService } from '../support/test-service.ts';

const { HistoryEvent } = proto.temporal.api.history.v1;
const { Payload } = proto.temporal.api.common.v1;
type IPayload = proto.temporal.api.common.v1.IPayload;

/** Of one payload, and of all events of a run together. */
const MOST_BYTES = { payload: 64 * 1024, history: 384 * 1024 };

let service: TestService;
/** As long as a name may be. */
const EXPERIMENT = randomUUID().padEnd(200, 'ä');
const runs = followRuns(() => service, EXPERIMENT);
beforeAll(async () => {
  service = await startTestService();
  await writeFile(join(service.data, 'wide.csv'), wideTable());
  writeDatabase(join(service.data, 'long.sqlite'));
});
afterAll(() => service.stop());

const range = <T>(length: number, of: (i: number) => T): T[] =>
  Array.from({ length }, (_, i) => of(i));

/** A name that is as long as may be, in letters of two bytes. */
const longName = (i: number): string => `${i}${'é'.repeat(250)}`;

/** 120 columns, whole numbers and fractions in turn, with names of 600 bytes; 100 classes. */
function wideTable(): string {
  const names = range(120, (i) => `${i}${'n'.repeat(600)}`);
  const rows = range(200, (row) =>
    [...range(120, (i) => ((row * (i + 7)) % 97) / (i % 2 ? 1 : 4)), `c${row % 100}`].join(','),
  );
  return `${names.join(',')},y\n${rows.join('\n')}\n`;
}

/** 40 columns with names as long as may be, 120 classes with labels as long as may be. */
function writeDatabase(path: string): void {
  const database = new DatabaseSync(path);
  const columns = range(40, longName);
  database.exec(`CREATE TABLE t (${columns.map((name) => `"${name}" REAL`).join()}, y TEXT)`);
  const insert = database.prepare(`INSERT INTO t VALUES (${range(41, () => '?').join()})`);
  database.exec('BEGIN');
  for (let row = 0; row < 240; row++) {
    const label = `${row % 120}${'ö'.repeat(990)}`;
    insert.run(...range(40, (i) => ((row * (i + 3)) % 89) / 8), label);
  }
  database.exec('COMMIT');
  database.close();
}

/** Every payload in an event, wherever it stands. */
function payloadsIn(value: unknown): IPayload[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  if ('metadata' in value && 'data' in value) return [value as IPayload];
  return Object.values(value).flatMap(payloadsIn);
}

/** Bytes of a run's whole history as Temporal keeps it, and of the largest payload in it. */
async function measure(workflowId: string): Promise<{ history: number; payload: number }> {
  const { events } = await service.temporal.workflow.getHandle(workflowId).fetchHistory();
  const sizes = (events ?? []).map((event) => HistoryEvent.encode(event).finish().length);
  const payloads = (events ?? [])
    .flatMap(payloadsIn)
    .map((payload) => Payload.encode(payload).finish().length);
  return { history: sizes.reduce((sum, size) => sum + size, 0), payload: Math.max(...payloads) };
}

async function expectSmall(workflowId: string): Promise<void> {
  expect(await runs.ended(workflowId)).toMatchObject({ status: 'FINISHED', failure: null });
  const { history, payload } = await measure(workflowId);
  expect(payload).toBeLessThanOrEqual(MOST_BYTES.payload);
  expect(history).toBeLessThanOrEqual(MOST_BYTES.history);
}

/** Every column named, and a query of so many letters, nearly all of two bytes. */
const longSource = (letters: number) => ({
  ...{ kind: 'sql', conn: 'sqlite:///long.sqlite', target: 'y', features: range(40, longName) },
  query: 'SELECT * FROM t -- '.padEnd(letters, 'é'),
});
const params = { max_iter: 200, tol: 1e-12, test_size: 0.4 };

describe('the history of a run', () => {
  it('stays small with many columns and classes, whatever their names', async () => {
    const source = { kind: 'file', path: 'wide.csv', target: 'y' };
    await expectSmall(await runs.start({ source, params, reuse: true }));
  });

  it('stays small with megabytes of records', async () => {
    const records = range(20_000, (i) => ({
      text: `${i % 3 === 0 ? 'flood' : 'picnic'} ${'number '.repeat(20)}${i % 100}`,
      label: `${i % 3}${'ü'.repeat(100)}`,
    }));
    await expectSmall(await runs.start({ source: { kind: 'inline', records } }));
  });

  it('stays small with the largest request, and a larger one is refused at the door', async () => {
    const request = { params, register: { model_name: `large-${randomUUID()}` }, reuse: true };
    const tooLong = 23_000;
    const refused = await service.invoke('mlflow_run_experiment', {
      ...{ experiment_name: EXPERIMENT, source: longSource(tooLong), ...request },
    });
    expect(refused).toMatchObject({ status: 413, failure: { code: 'REQUEST_TOO_LARGE' } });
    const [, bytes, most] = /has (\d+) bytes.* at most (\d+) /.exec(refused.error ?? '') ?? [];
    const longest = tooLong - Math.ceil((Number(bytes) - Number(most)) / 2);
    await expectSmall(await runs.start({ source: longSource(longest), ...request }));
  });
});
