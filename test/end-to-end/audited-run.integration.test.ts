import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { chainHash, canonical } from '../../platform/audit/chain.ts';
import { checkpointText } from '../../platform/audit/checkpoint.ts';
import { rootByPath } from '../../platform/audit/merkle.ts';
import type { Receipt } from '../../platform/audit/receipt.ts';
import { isSignedBy, publicKeyOf, type KeyStatement } from '../../platform/audit/signing-keys.ts';
import { followRuns, stepOf } from '../support/follow-runs.ts';
import { manyTexts } from '../support/many-texts.ts';
import { startTestService, type TestService } from '../support/test-service.ts';

let service: TestService;
let database: DatabaseSync;
beforeAll(async () => {
  service = await startTestService({ CHECKPOINT_SECONDS: '0.3' });
  database = new DatabaseSync(join(service.settings['STATE_DIR'] as string, 'audit', 'audit.db'));
});
afterAll(async () => {
  database.close();
  await service.stop();
});
const { start, when, ended } = followRuns(() => service, 'audited');

type Event = Readonly<Record<string, unknown>>;
function eventsOf(workflowId: string, name?: string): Event[] {
  const rows = database
    .prepare(
      `select body from audit_events join audit_subjects using (chain, seq)
       where subject = ? and name = coalesce(?, name) order by seq`,
    )
    .all(`workflow:${workflowId}`, name ?? null);
  return rows.map(({ body }) => JSON.parse(String(body)) as Event);
}
const privateText = (commitment: unknown): string =>
  String(
    database
      .prepare('select body from audit_private where commitment = ?')
      .get(String(commitment))?.['body'],
  );

const FILE = { kind: 'file', path: 'train.csv', target: 'label' };
const long = {
  source: { kind: 'inline', records: manyTexts(6000, { words: 30, vocabulary: 3000 }) },
  params: { C: 1e6, tol: 1e-12, max_iter: 300 },
};
const training = (id: string) =>
  when(id, (view) => (stepOf(view, 'train')?.progress?.checkpoint?.iteration ?? 0) > 0);

describe('a run that went well', () => {
  it('takes a receipt with it that proves each of its events without the log', async () => {
    const workflowId = await start({ source: FILE });
    const { run_id } = await ended(workflowId);
    const address = `${inject('mlflow')}/get-artifact?path=audit/receipt.json&run_uuid=${run_id}`;
    const receipt = (await (await fetch(address)).json()) as Receipt;
    const { checkpoint, keys } = receipt;
    const key = publicKeyOf(keys.at(-1) as KeyStatement);
    expect(isSignedBy(key, checkpointText(checkpoint), checkpoint.signature)).toBe(true);
    for (const { event, previous, hash, path } of receipt.events) {
      expect(chainHash(previous, canonical(event))).toBe(hash);
      const place = { index: event['audit.seq'] - 1, size: checkpoint.size, path };
      expect(rootByPath(hash, place)).toBe(checkpoint.root);
    }
    const steps = receipt.events.flatMap((event) =>
      event.event['event.name'] === 'attempt.ended' ? [event.event['temporal.activity']] : [],
    );
    expect(steps).toEqual([
      ...['validateSource', 'openRun', 'loadDataset', 'splitDataset', 'trainModel'],
      ...['evaluateModel', 'logRun'],
    ]);
    // Its history may be exported at once, or within the next minute.
    const ofSteps = eventsOf(workflowId).filter(
      (event) => event['event.name'] !== 'history.exported',
    );
    expect(ofSteps.slice(-2)).toMatchObject([
      {
        'event.name': 'receipt.attached',
        'mlflow.run_id': run_id,
        'receipt.root': checkpoint.root,
      },
      { 'event.name': 'attempt.ended', 'temporal.activity': 'closeRun', 'run.status': 'FINISHED' },
    ]);
  });
});

describe('what people do in Temporal', () => {
  it('is recorded with who and why: a reset', async () => {
    const path = `${randomUUID()}.csv`;
    await writeFile(join(service.data, path), 'f1,label\n1,0\n2,1\n,0\n4,1\n5,0\n6,1\n');
    const workflowId = await start({ source: { ...FILE, path } });
    await ended(workflowId);
    await writeFile(join(service.data, path), 'f1,label\n1,0\n2,1\n3,0\n4,1\n5,0\n6,1\n');
    const handle = service.temporal.workflow.getHandle(workflowId);
    const { events } = await handle.fetchHistory();
    const load = events?.findLast(
      (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'loadDataset',
    );
    const { runId } = await handle.describe();
    await service.temporal.workflowService.resetWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId, runId },
      reason: 'the file was mended',
      requestId: randomUUID(),
      identity: 'bob@ui',
      workflowTaskFinishEventId: load?.activityTaskScheduledEventAttributes
        ?.workflowTaskCompletedEventId as NonNullable<unknown> as never,
    });
    await when(workflowId, ({ status }) => status === 'FINISHED');
    const [reset] = eventsOf(workflowId, 'run.reset');
    // Temporal keeps no name of whoever resets.
    expect(reset).toMatchObject({ 'user.id': '', 'temporal.base_run_id': runId });
    expect(privateText(reset?.['reason.commitment'])).toContain('the file was mended');
    expect(eventsOf(workflowId, 'run.started')).toHaveLength(2);
  });

  it('is recorded with who and why: a cancellation; and checkpoints and what followed them', async () => {
    const workflowId = await start(long);
    await training(workflowId);
    await service.temporal.workflowService.requestCancelWorkflowExecution({
      ...{ namespace: 'default', workflowExecution: { workflowId }, requestId: randomUUID() },
      ...{ identity: 'eve@cli', reason: 'wrong data' },
    });
    expect(await ended(workflowId)).toMatchObject({ status: 'KILLED' });
    const [asked] = eventsOf(workflowId, 'run.cancel_requested');
    expect(asked).toMatchObject({ 'user.id': 'eve@cli' });
    expect(privateText(asked?.['reason.commitment'])).toContain('wrong data');
    expect(eventsOf(workflowId, 'checkpoint.saved').length).toBeGreaterThan(0);
    const cancelled = eventsOf(workflowId, 'attempt.ended').filter(
      ({ outcome }) => outcome === 'cancelled',
    );
    expect(cancelled).toMatchObject([{ 'temporal.activity': 'trainModel' }]);
  });
});

/** In the heartbeat of the step that is going on. */
async function untilTemporalSays(workflowId: string, words: string): Promise<void> {
  for (;;) {
    const { raw } = await service.temporal.workflow.getHandle(workflowId).describe();
    const beats = raw.pendingActivities?.flatMap(
      ({ heartbeatDetails: beat }) => beat?.payloads ?? [],
    );
    if (
      beats?.some(({ data }) =>
        Buffer.from(data ?? [])
          .toString()
          .includes(words),
      )
    )
      return;
  }
}

describe('a log that can’t be written', () => {
  it('keeps every step waiting, and loses none of their events', async () => {
    const workflowId = await start(long);
    await training(workflowId);
    database.exec('BEGIN EXCLUSIVE');
    try {
      // get_run is no help: it answers nobody that it can’t record.
      await untilTemporalSays(workflowId, 'waiting for the audit log');
      const { status, failure } = await service.invoke('mlflow_get_run', { run_id: workflowId });
      expect({ status, code: failure?.['code'] }).toEqual({
        status: 503,
        code: 'AUDIT_UNAVAILABLE',
      });
    } finally {
      database.exec('COMMIT');
    }
    expect(await ended(workflowId)).toMatchObject({ status: 'FINISHED' });
    const attempts = eventsOf(workflowId, 'attempt.ended').map((event) => [
      ...[event['temporal.activity'], event['outcome']],
    ]);
    expect(attempts.filter(([activity]) => activity === 'trainModel')).toEqual([
      ['trainModel', 'completed'],
    ]);
    expect(eventsOf(workflowId, 'attempt.started')).toHaveLength(attempts.length);
  });
});
