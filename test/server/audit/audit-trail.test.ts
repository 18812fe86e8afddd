import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createAuditLog, type AuditLog } from '../../../platform/audit/audit-log.ts';
import type { Recorded } from '../../../platform/audit/new-event.ts';
import { committed } from '../../../platform/audit/commitment.ts';
import { openAuditDatabase } from '../../../platform/audit/database/open-database.ts';
import { auditTrail } from '../../../server/audit/audit-trail.ts';
import { createTenancy } from '../../../server/experiments/tenancy.ts';

const WORKFLOW = 'experiment-1';
const RUN = '0123456789abcdef0123456789abcdef';
const run = { 'temporal.workflow_id': WORKFLOW, 'temporal.run_id': 't1' };
const hex = 'ab'.repeat(32);

let folder: string;
let log: AuditLog;
let now = Date.parse('2026-11-23T12:03:00.000Z');
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trail-'));
  log = createAuditLog({
    database: openAuditDatabase({ path: join(folder, 'audit.db') }),
    recorder: { role: 'worker', version: '1', instance: 'host:7' },
    now: () => now,
  });
  for (const event of story()) {
    now += 1001;
    await log.record(event);
  }
});
afterAll(async () => {
  await log.close();
  await rm(folder, { recursive: true });
});

const secret = committed({ experiment_name: 'demo' }, WORKFLOW);

/** A run with all that may happen to one, and a later one that used it again. */
function story(): Recorded[] {
  const chain = 'default';
  const step = (activity: string, attempt: number) => ({
    ...run,
    ...{ 'temporal.activity': activity, 'temporal.activity_id': '1', 'temporal.attempt': attempt },
  });
  const call = { 'user.id': 'ann', 'request.id': 'q', 'gen_ai.tool.name': 'mlflow_run_experiment' };
  const workflow = { 'temporal.workflow_id': WORKFLOW };
  return [
    {
      ...{ name: 'tool.requested', chain, secrets: [secret] },
      fields: {
        ...{ ...call, ...workflow, scopes: ['experiments:run'], decision: 'allowed' },
        ...{ rule: 'open server', 'arguments.commitment': secret.commitment },
        'arguments.bytes': 30,
      },
    },
    {
      ...{ name: 'attempt.ended', chain },
      fields: {
        ...step('openRun', 1),
        outcome: 'completed',
        duration_ms: 40,
        'mlflow.run_id': RUN,
      },
    },
    {
      ...{ name: 'attempt.started', chain },
      fields: { ...step('trainModel', 2), 'input.commitment': hex },
    },
    {
      ...{ name: 'attempt.ended', chain },
      fields: {
        ...{ ...step('trainModel', 2), outcome: 'failed', duration_ms: 3123 },
        'error.type': 'STORAGE_FULL',
      },
    },
    {
      ...{ name: 'audit.checkpoint', chain },
      fields: { 'checkpoint.size': 4, 'checkpoint.root': hex, 'checkpoint.sha256': hex },
    },
    {
      ...{ name: 'tool.answered', chain },
      fields: {
        ...{ ...call, ...workflow, outcome: 'failed', 'error.type': 'STORAGE_FULL' },
        ...{ 'mlflow.run_id': RUN, duration_ms: 5000 },
      },
    },
    {
      ...{ name: 'run.reused', chain },
      fields: {
        ...{ 'temporal.workflow_id': 'experiment-2', 'temporal.run_id': 't2' },
        ...{ 'mlflow.run_id': RUN, 'mlflow.model_id': 'm1' },
      },
    },
  ];
}

const trail = (
  run_id: string,
  more: { cursor?: string; limit?: number } = {},
  tenant = 'default',
) => auditTrail({ auditLog: log, tenancy: createTenancy(tenant) }, { run_id, limit: 50, ...more });

describe('a run’s audit trail', () => {
  it('is a timeline that a person can read, by either id', async () => {
    const byWorkflow = await trail(WORKFLOW);
    expect(byWorkflow).toEqual({
      ...{ run_id: RUN, workflow_id: WORKFLOW, next_cursor: null, arguments_erased: false },
      checkpoint: { size: 4, root: hex, time: '2026-11-23T12:03:05.005Z' },
      events: [
        [1, 'tool.requested', '2026-11-23 12:03:01.001 ann called mlflow_run_experiment'],
        [2, 'attempt.ended', '12:03:02.002 open, attempt 1 completed after 0.0 s (worker host:7)'],
        [3, 'attempt.started', '12:03:03.003 train, attempt 2 started (worker host:7)'],
        [
          ...[4, 'attempt.ended'],
          '12:03:04.004 train, attempt 2 failed after 3.1 s: STORAGE_FULL (worker host:7)',
        ],
        [
          ...[6, 'tool.answered'],
          '12:03:06.006 mlflow_run_experiment of ann failed after 5.0 s: STORAGE_FULL',
        ],
      ].map(([seq, event, line]) => ({ seq, event, line })),
    });
    expect(await trail(RUN)).toEqual(byWorkflow);
  });

  it('comes in pages, each event once', async () => {
    const seqs: number[] = [];
    let cursor: string | null = '0';
    while (cursor !== null) {
      const page = await trail(RUN, { cursor, limit: 2 });
      expect(page.events.length).toBeLessThanOrEqual(2);
      seqs.push(...page.events.map(({ seq }) => seq));
      cursor = page.next_cursor;
    }
    expect(seqs).toEqual([1, 2, 3, 4, 6]);
  });

  it('of another tenant is as unknown as that of nobody', async () => {
    const told = await Promise.all(
      [WORKFLOW, RUN, 'experiment-nobody', 'f'.repeat(32)].map((id) =>
        trail(id, {}, 'blue').catch((error: unknown) => error),
      ),
    );
    for (const error of told) expect(error).toEqual(told[0]);
    expect(told[0]).toMatchObject({ code: 'RUN_NOT_FOUND' });
  });

  it('says when its arguments have been erased', async () => {
    const { tables } = log.database;
    await tables.deleteFrom('audit_private').where('workflow_id', '=', WORKFLOW).execute();
    expect(await trail(RUN)).toMatchObject({ arguments_erased: true });
  });

  it('is a failure of its own where no log is kept, or none can be read', async () => {
    const asked = { run_id: RUN, limit: 50 };
    const tenancy = createTenancy('default');
    await expect(auditTrail({ auditLog: undefined, tenancy }, asked)).rejects.toMatchObject({
      ...{ code: 'AUDIT_UNAVAILABLE', message: 'This server keeps no audit log.' },
    });
    const database = openAuditDatabase({ path: join(folder, 'none.db'), readOnly: true });
    const auditLog = { database, ready: async () => undefined };
    await expect(auditTrail({ auditLog, tenancy }, asked)).rejects.toMatchObject({
      ...{ code: 'AUDIT_UNAVAILABLE', message: 'The audit log can’t be read.' },
    });
  });
});
