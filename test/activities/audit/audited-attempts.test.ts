import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { Info } from '@temporalio/activity';
import { DefaultLogger } from '@temporalio/worker';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { attemptInterceptor } from '../../../activities/attempts.ts';
import { createAuditedAttempts } from '../../../activities/audit/audited-attempts.ts';
import type { HistoryFacts } from '../../../activities/audit/history-facts.ts';
import { createAuditLog, type AuditLog } from '../../../platform/audit/audit-log.ts';
import type { Recorded } from '../../../platform/audit/new-event.ts';
import { canonical } from '../../../platform/audit/chain.ts';
import { commitmentTo } from '../../../platform/audit/commitment.ts';
import { openAuditDatabase } from '../../../platform/audit/database/open-database.ts';
import { readRows } from '../../../platform/audit/read-events.ts';
import { Failure } from '../../../schemas/failure.ts';

let folder: string;
let log: AuditLog;
let number = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attempts-'));
});
beforeEach(() => {
  log = createAuditLog({
    database: openAuditDatabase({ path: join(folder, `${number++}.db`) }),
    recorder: { role: 'worker', version: '1', instance: 'here:1' },
  });
});
afterAll(() => rm(folder, { recursive: true }));

interface World {
  readonly record?: AuditLog['record'];
  readonly history?: HistoryFacts;
}
const NO_HISTORY: HistoryFacts = { reset: undefined, cancelled: undefined };

/** A worker's attempts, on the log of this test. */
function worker({
  record = (...events) => log.record(...events),
  history = NO_HISTORY,
}: World = {}) {
  const audited = createAuditedAttempts(
    { ...log, record },
    { historyFacts: () => Promise.resolve(history), dependenciesHash: 'd'.repeat(64) },
  );
  return (info: Partial<Info>, input: unknown, step: () => Promise<unknown>) => {
    const execution = { workflowId: 'experiment-1', runId: 'run-1' };
    const environment = new MockActivityEnvironment(
      { workflowExecution: execution, activityType: 'validateSource', activityId: '4', ...info },
      {
        interceptors: [attemptInterceptor(pino({ level: 'silent' }), audited)],
        logger: new DefaultLogger('ERROR'),
      },
    );
    return { environment, ended: environment.run(step, input) };
  };
}

async function events(chain = 'default'): Promise<Record<string, unknown>[]> {
  await log.ready();
  const found = [];
  for await (const { body } of readRows(log.database, { chain })) {
    found.push(JSON.parse(body) as Record<string, unknown>);
  }
  return found;
}
const names = async (chain?: string) => (await events(chain)).map((event) => event['event.name']);
const away = new Failure('AUDIT_UNAVAILABLE', 'Away.', 'Wait.');

describe('an attempt', () => {
  it('leaves its start, its end and what it came to', async () => {
    const output = { blob: { key: 'k', sha256: 'a'.repeat(64), bytes: 1 }, trainRows: 3 };
    const split = { activityType: 'splitDataset' };
    await worker()(split, { dataset: 'd' }, () => Promise.resolve(output)).ended;
    const [started, attempt, ended] = await events();
    expect(await names()).toEqual(['run.started', 'attempt.started', 'attempt.ended']);
    expect(started).toMatchObject({ 'temporal.run_id': 'run-1', 'user.id': '' });
    expect(attempt).toMatchObject({ 'temporal.activity': 'splitDataset', 'temporal.attempt': 1 });
    expect(ended).toMatchObject({ outcome: 'completed', 'split.sha256': 'a'.repeat(64) });
    const { salt } = await log.database.tables
      .selectFrom('audit_private')
      .select('salt')
      .executeTakeFirstOrThrow();
    expect(attempt?.['input.commitment']).toBe(commitmentTo(salt, canonical({ dataset: 'd' })));
    expect(ended?.['output.commitment']).toBe(commitmentTo(salt, canonical(output)));
  });

  it('ends with the code of its failure, or cancelled', async () => {
    const attempt = worker();
    const failed = attempt({}, {}, () => Promise.reject(new Failure('NO_ROWS', 'None.', 'Add.')));
    await expect(failed.ended).rejects.toMatchObject({ type: 'NO_ROWS' });
    const told = attempt({ attempt: 2 }, {}, () => Promise.reject(new CancelledFailure('stop')));
    await expect(told.ended).rejects.toBeInstanceOf(CancelledFailure);
    expect((await events()).filter((event) => event['outcome'] !== undefined)).toMatchObject([
      { outcome: 'failed', 'error.type': 'NO_ROWS', 'temporal.attempt': 1 },
      { outcome: 'cancelled', 'temporal.attempt': 2 },
    ]);
  });

  it('does not begin when its start can’t be recorded, and will be tried again', async () => {
    let ran = false;
    const attempt = worker({ record: () => Promise.reject(away) });
    const { ended } = attempt({}, {}, () => Promise.resolve((ran = true)));
    await expect(ended).rejects.toMatchObject({ type: 'AUDIT_UNAVAILABLE', nonRetryable: false });
    expect(ran).toBe(false);
  });

  it('has not ended before its end is recorded', async () => {
    let failures = 2;
    const record = (...recorded: Recorded[]): Promise<void> =>
      recorded[0]?.name === 'attempt.ended' && failures-- > 0
        ? Promise.reject(away)
        : log.record(...recorded);
    const { environment, ended } = worker({ record })({}, {}, () => Promise.resolve({ done: 1 }));
    const beats: unknown[] = [];
    environment.on('heartbeat', (beat: unknown) => beats.push(beat));
    await expect(ended).resolves.toMatchObject({ done: 1 });
    expect(beats).toContainEqual({ message: 'waiting for the audit log' });
    expect(await names()).toEqual(['run.started', 'attempt.started', 'attempt.ended']);
  });

  it('is recorded once, however often it is told, and again when a UI counts attempts anew', async () => {
    const attempt = worker();
    const at = { currentAttemptScheduledTimestampMs: 1000 };
    await attempt(at, {}, () => Promise.resolve({})).ended;
    await worker()(at, {}, () => Promise.resolve({})).ended;
    expect(await names()).toHaveLength(3);
    await attempt({ currentAttemptScheduledTimestampMs: 2000 }, {}, () => Promise.resolve({}))
      .ended;
    expect(await names()).toHaveLength(5);
  });

  it('stands in the chain of its tenant, which the request or the workflow’s id names', async () => {
    const ofAcme = { workflowExecution: { workflowId: 'experiment-acme.1', runId: 'r' } };
    await worker()(ofAcme, {}, () => Promise.resolve({})).ended;
    const inspection = { workflowExecution: { workflowId: 'inspection-1', runId: 's' } };
    await worker()(inspection, { tenant: 'beta' }, () => Promise.resolve({})).ended;
    expect(await names('acme')).toHaveLength(3);
    expect(await names('beta')).toHaveLength(3);
    expect(await names()).toEqual([]);
  });
});

describe('an execution', () => {
  const request = {
    ...{ experimentName: 'e', caller: 'ann', source: { kind: 'sql' } },
    source: { kind: 'sql', query: 'select 1', conn: { sealed: { data: 'SEALED' }, display: 'db' } },
  };

  it('starts once, with who asked and a commitment to the request without its secrets', async () => {
    await worker()({}, request, () => Promise.resolve({})).ended;
    await worker()({ activityId: '5' }, { request }, () => Promise.resolve({})).ended;
    const started = (await events()).filter((event) => event['event.name'] === 'run.started');
    expect(started).toMatchObject([{ 'user.id': 'ann' }]);
    const rows = await log.database.tables.selectFrom('audit_private').selectAll().execute();
    const asked = rows.find(({ commitment }) => commitment === started[0]?.['request.commitment']);
    expect(JSON.parse(asked?.body ?? '')).toMatchObject({
      source: { query: 'select 1', conn: 'db' },
    });
    expect(JSON.stringify(rows)).not.toContain('SEALED');
    expect(rows.every(({ workflow_id: id }) => id === 'experiment-1')).toBe(true);
  });

  it('that a reset made names who reset it, why, and what it goes on from', async () => {
    await worker()({}, request, () => Promise.resolve({})).ended;
    const reset = { who: 'bob@ui', why: 'mended the file', baseRunId: 'run-1' };
    const again = { workflowExecution: { workflowId: 'experiment-1', runId: 'run-2' } };
    const attempt = worker({ history: { ...NO_HISTORY, reset } });
    await attempt(again, {}, () => Promise.resolve({})).ended;
    await attempt({ ...again, activityId: '6' }, {}, () => Promise.resolve({})).ended;
    const resets = (await events()).filter((event) => event['event.name'] === 'run.reset');
    expect(resets).toMatchObject([{ 'temporal.base_run_id': 'run-1', 'user.id': 'bob@ui' }]);
  });

  it('that somebody cancelled names who, when it is closed', async () => {
    const cancelled = { who: 'bob@ui', why: 'too slow' };
    const attempt = worker({ history: { ...NO_HISTORY, cancelled } });
    const close = { request, status: 'KILLED', run: null };
    await attempt({ activityType: 'closeRun' }, close, () => Promise.resolve({ runId: null }))
      .ended;
    const asked = (await events()).filter(
      (event) => event['event.name'] === 'run.cancel_requested',
    );
    expect(asked).toMatchObject([{ 'user.id': 'bob@ui', 'temporal.workflow_id': 'experiment-1' }]);
  });
});
