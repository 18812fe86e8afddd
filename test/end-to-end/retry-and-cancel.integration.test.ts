import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { createMlflowClient } from '../../platform/tracking/mlflow-client.ts';
import { TAGS } from '../../schemas/names.ts';
import { endlessTraining } from '../support/endless-training.ts';
import { followRuns, type Followed } from '../support/follow-runs.ts';
import { startTestService, type TestService } from '../support/test-service.ts';

const mlflow = createMlflowClient({ url: inject('mlflow') });
let service: TestService;
beforeAll(async () => {
  // Its trainings go on until they are ended: they leave a core to the other tests.
  service = await startTestService({ TRAIN_THREADS: '1' });
});
afterAll(() => service.stop());

const { view, when, ended } = followRuns(() => service, 'retried');

const retry = (run_id: string, more: object = {}) =>
  service.invoke('mlflow_retry_run', { run_id, reason: 'the data was mended', ...more });
const cancel = (run_id: string, more: object = {}) =>
  service.invoke('mlflow_cancel_run', { run_id, ...more });

const GOOD = 'f1,label\n1,0\n2,1\n3,0\n4,1\n5,0\n6,1\n';
const HOLE = GOOD.replace('3,0', ',0');

/** A run that failed in its load step, on a file of its own. */
async function failedRun(more: object = {}) {
  const path = `${randomUUID()}.csv`;
  const mend = (text = GOOD) => writeFile(join(service.data, path), text);
  await mend(HOLE);
  const request = {
    experiment_name: 'retried',
    source: { kind: 'file', path, target: 'label' },
    ...more,
  };
  const { failure } = await service.invoke('mlflow_run_experiment', request);
  const workflowId = String(failure?.['workflow_id']);
  return { failure, runId: String(failure?.['run_id']), workflowId, mend, request };
}

async function longRun(more: object = {}): Promise<string> {
  const { result, error } = await service.invoke('mlflow_run_experiment', {
    experiment_name: 'cancelled',
    ...(await endlessTraining(service.data)),
    wait_seconds: 0,
    ...more,
  });
  expect(error).toBeNull();
  return String(result?.['workflow_id']);
}

const training = (workflowId: string) =>
  when(workflowId, ({ steps }) =>
    steps.some(
      ({ step, progress }) =>
        step === 'train' && JSON.stringify(progress ?? '').includes('iteration'),
    ),
  );
const stateOf = ({ steps }: Followed, name: string) =>
  steps.find(({ step }) => step === name)?.status;

describe('a run that failed', () => {
  it('goes on from the failed step as the same MLflow run, and ends FINISHED', async () => {
    const { failure, runId, workflowId, mend } = await failedRun();
    expect(failure).toMatchObject({ code: 'MISSING_VALUES', step: 'load' });
    const before = await view(workflowId);
    const tags = (await mlflow.getRun(runId)).tags;
    expect(tags[TAGS.failureCode]).toBe('MISSING_VALUES');

    await mend();
    const answer = await retry(runId);
    expect(answer.error).toBeNull();
    expect(answer.result).toMatchObject({
      ...{ run_id: runId, workflow_id: workflowId, status: 'FINISHED', retried_from: 'load' },
    });
    expect(answer.result?.['metrics']).toHaveProperty('accuracy');

    const after = await view(runId);
    expect(after).toMatchObject({ status: 'FINISHED', failure: null, notes: [] });
    expect(after.workflow.run_id).not.toBe(before.workflow.run_id);
    expect(after.steps.every(({ status }) => status === 'COMPLETED')).toBe(true);
    // Earlier steps keep their results: they were not done again.
    for (const i of [0, 1]) expect(after.steps[i]).toEqual(before.steps[i]);
    expect(await view(workflowId)).toEqual(after);
    const run = await mlflow.getRun(runId);
    expect(run.tags[TAGS.failureCode]).toBe('');
    expect(run.tags[TAGS.failureMessage]).toBe('');
  });

  it('shows in Temporal who retried it, and why', async () => {
    const { workflowId } = await failedRun();
    const reason = `line one\nline two ${'🙂'.repeat(240)}`;
    expect((await retry(workflowId, { reason })).failure?.['code']).toBe('MISSING_VALUES');
    const { events } = await service.temporal.workflow.getHandle(workflowId).fetchHistory();
    const messages = events?.map(
      (event) => event.workflowTaskFailedEventAttributes?.failure?.message,
    );
    expect(messages).toContainEqual(
      expect.stringMatching(
        /^mlflow_retry_run by .+: line one line two 🙂+ \[from load, request .+\]$/u,
      ),
    );
  });
});

describe('a retry that is asked for again', () => {
  it('is made once, however often and at once it is asked for; another reason makes another', async () => {
    const { workflowId, mend } = await failedRun();
    const failures = await Promise.all(Array.from({ length: 5 }, () => retry(workflowId)));
    for (const { failure } of failures) {
      expect(failure).toMatchObject({ code: 'MISSING_VALUES', step: 'load' });
    }
    expect(
      failures.filter(({ failure }) => /another reason/.test(failure?.['hint'] ?? '')),
    ).toHaveLength(4);
    const first = (await view(workflowId)).workflow.run_id;
    await mend();
    expect((await retry(workflowId)).failure?.['code']).toBe('MISSING_VALUES');
    expect((await view(workflowId)).workflow.run_id).toBe(first);

    // A reset of a reset.
    const second = { reason: 'really mended', step: 'open' };
    const answer = await retry(workflowId, second);
    expect(answer.result).toMatchObject({ status: 'FINISHED', retried_from: 'open' });
    expect(await retry(workflowId, second)).toMatchObject({ result: answer.result });
    const { workflow } = await view(workflowId);
    expect(workflow.run_id).not.toBe(first);
    expect((await retry(workflowId, { step: 'evaluate' })).result).toMatchObject({
      ...{ status: 'FINISHED', retried_from: 'evaluate', metrics: answer.result?.['metrics'] },
    });
    const { runs } = await runsOf(workflowId);
    expect(runs).toHaveLength(1);
  });

  it('is what an idempotency key means from then on', async () => {
    const { workflowId, mend, request } = await failedRun({ idempotency_key: randomUUID() });
    await mend();
    const { result } = await retry(workflowId);
    const again = await service.invoke('mlflow_run_experiment', request);
    expect(again.result).toMatchObject({ status: 'FINISHED', run_id: result?.['run_id'] });
  });
});

async function runsOf(workflowId: string) {
  const { experimentId } = await mlflow.getRun((await view(workflowId)).run_id);
  const where = [{ tag: TAGS.workflowId, is: '=', value: workflowId } as const];
  return mlflow.searchRuns({ experimentIds: [experimentId], where, maxResults: 10 });
}

describe('a run that was cancelled', () => {
  it('is KILLED, and goes on from the step that was going', async () => {
    const workflowId = await longRun();
    const { run_id: runId } = await training(workflowId);

    const refused = await retry(workflowId);
    expect(refused).toMatchObject({ status: 409, failure: { code: 'RUN_STILL_RUNNING' } });
    expect(refused.error).toMatch(/still going: train/);

    const cancelled = await cancel(runId, { reason: 'too slow', wait_seconds: 40 });
    expect(cancelled.result).toEqual({
      ...{ run_id: runId, workflow_id: workflowId, status: 'KILLED', notes: [] },
      message: 'The run was cancelled.',
    });
    expect((await mlflow.getRun(runId)).status).toBe('KILLED');
    const { events } = await service.temporal.workflow.getHandle(workflowId).fetchHistory();
    const causes = events?.map((e) => e.workflowExecutionCancelRequestedEventAttributes?.cause);
    expect(causes).toContainEqual(expect.stringMatching(/^mlflow_cancel_run by .+: too slow$/));
    expect((await cancel(workflowId)).result).toMatchObject({
      ...{ status: 'KILLED', message: 'The run had been stopped before.' },
    });

    const retried = await retry(runId, { wait_seconds: 0 });
    expect(retried.result).toMatchObject({
      status: 'RUNNING',
      retried_from: 'train',
      run_id: runId,
    });
    const going = await training(workflowId);
    expect(stateOf(going, 'split')).toBe('COMPLETED');
    expect(going).toMatchObject({ status: 'RUNNING', notes: [] });
    // The same call again finds it, another is refused.
    expect((await retry(runId, { wait_seconds: 0 })).result).toEqual(retried.result);
    expect((await retry(runId, { reason: 'again' })).failure?.['code']).toBe('RUN_STILL_RUNNING');
    expect((await view(workflowId)).workflow.run_id).toBe(going.workflow.run_id);

    expect((await cancel(workflowId, { wait_seconds: 0 })).result).toMatchObject({
      ...{ status: 'RUNNING', message: expect.stringContaining('train') as string },
    });
    expect(await ended(workflowId)).toMatchObject({
      ...{ status: 'KILLED', run_id: runId, workflow: { status: 'CANCELLED' } },
    });
  });
});

describe('a run over its time limit', () => {
  it('has its time again when it is retried', async () => {
    const workflowId = await longRun({ limits: { timeout_seconds: 3 } });
    const limit = { code: 'TIME_LIMIT', step: 'train' };
    for (const reason of ['once', 'twice']) {
      expect((await ended(workflowId)).failure).toMatchObject(limit);
      const { workflow } = await view(workflowId);
      const closed = Date.parse(workflow.ended_at ?? '');
      await retry(workflowId, { reason, wait_seconds: 0 });
      const again = await ended(workflowId);
      expect(again.workflow.run_id).not.toBe(workflow.run_id);
      expect(again.failure).toMatchObject(limit);
      expect(Date.parse(again.workflow.ended_at ?? '') - closed).toBeGreaterThan(3000);
    }
  });
});

describe('a run that was terminated in Temporal', () => {
  it('goes on from the step that was going, as the same MLflow run', async () => {
    const workflowId = await longRun({ limits: { timeout_seconds: 8 } });
    const { run_id: runId } = await training(workflowId);
    await service.temporal.workflow.getHandle(workflowId).terminate('by mistake');
    const before = await cancel(runId);
    expect(before.result).toMatchObject({
      ...{ status: 'KILLED', notes: ['Temporal says TERMINATED, MLflow says RUNNING.'] },
    });
    expect((await retry(runId, { wait_seconds: 0 })).result).toMatchObject({
      ...{ status: 'RUNNING', retried_from: 'train', run_id: runId },
    });
    expect(await ended(workflowId)).toMatchObject({
      ...{ status: 'FAILED', run_id: runId, failure: { code: 'TIME_LIMIT' }, notes: [] },
    });
  });
});

describe('a run that finished', () => {
  it('is left as it is by a cancellation, and by a retry that names no step of it', async () => {
    const source = { kind: 'file', path: 'train.csv', target: 'label' };
    const request = { experiment_name: `finished-${randomUUID()}`, source };
    const { result } = await service.invoke('mlflow_run_experiment', request);
    const runId = String(result?.['run_id']);
    expect((await cancel(runId)).result).toMatchObject({
      ...{ status: 'FINISHED', message: 'The run had finished before.' },
    });
    expect(await retry(runId)).toMatchObject({
      ...{ status: 409, failure: { code: 'RUN_NOT_RETRYABLE' } },
    });
    expect((await retry(runId)).failure?.['hint']).toContain('validate, open, load, split, train');
    const misspelt = await retry(runId, { step: 'trian' });
    expect(misspelt).toMatchObject({ status: 400, failure: { code: 'UNKNOWN_STEP' } });
    expect(misspelt.failure?.['hint']).toMatch(/^Did you mean train\? .*validate, open, load/);
    const unreached = await retry(runId, { step: 'register' });
    expect(unreached.failure).toMatchObject({ code: 'UNKNOWN_STEP' });
    expect(unreached.failure?.['hint']).toContain('evaluate, log, close');

    const reused = await service.invoke('mlflow_run_experiment', { ...request, reuse: true });
    expect(reused.result).toMatchObject({ reused: true, run_id: runId });
    const refused = await retry(String(reused.result?.['workflow_id']), { step: 'validate' });
    expect(refused.failure).toMatchObject({ code: 'RUN_NOT_RETRYABLE' });
    expect(refused.error).toContain(runId);

    const again = await retry(runId, { step: 'close' });
    expect(again.result).toMatchObject({ status: 'FINISHED', run_id: runId });
    expect((await retry(runId, { step: 'load', reason: 'again' })).result).toMatchObject({
      ...{ status: 'FINISHED', run_id: runId, metrics: result?.['metrics'] },
    });
  });
});

describe('an id without a run that can be retried or cancelled', () => {
  it('is refused, or answered from MLflow', async () => {
    const { runId, workflowId } = await failedRun();
    const { runId: other, workflowId: gone } = await failedRun();
    await mlflow.setTags(runId, { [TAGS.workflowId]: gone });
    for (const call of [retry, cancel]) {
      expect((await call(runId)).failure).toMatchObject({ code: 'RUN_NOT_FOUND' });
      expect((await call('experiment-none')).failure).toMatchObject({ code: 'RUN_NOT_FOUND' });
      expect((await call('0'.repeat(32))).failure).toMatchObject({ code: 'RUN_NOT_FOUND' });
    }
    expect((await view(workflowId)).workflow.status).toBe('FAILED');

    // What Temporal's retention leaves of a run.
    await mlflow.setTags(other, { [TAGS.workflowId]: 'experiment-of-long-ago' });
    expect((await retry(other)).failure).toMatchObject({ code: 'RUN_NOT_RETRYABLE' });
    expect((await cancel(other)).result).toMatchObject({ status: 'FAILED', run_id: other });
  });

  it('is a run whose workflow no worker has taken up', async () => {
    const workflowId = `experiment-${randomUUID()}`;
    const taskQueue = 'nobody';
    await service.temporal.workflow.start('runExperiment', { taskQueue, workflowId });
    expect((await cancel(workflowId, { wait_seconds: 0 })).result).toMatchObject({
      ...{ status: 'RUNNING', run_id: null, workflow_id: workflowId },
    });
    await service.temporal.workflow.getHandle(workflowId).terminate();
    expect((await retry(workflowId)).failure).toMatchObject({ code: 'RUN_NOT_RETRYABLE' });
    const theirs = await service.temporal.workflow.start('theirs', {
      ...{ taskQueue, workflowId: `experiment-${randomUUID()}` },
    });
    expect((await cancel(theirs.workflowId)).failure).toMatchObject({ code: 'RUN_NOT_FOUND' });
    expect((await theirs.describe()).status.name).toBe('RUNNING');
    await theirs.terminate();
  });
});
