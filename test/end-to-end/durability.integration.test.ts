import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import proto from '@temporalio/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { endlessTraining } from '../support/endless-training.ts';
import { followRuns } from '../support/follow-runs.ts';
import { startTestService, type TestService } from '../support/test-service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

const { start, view, when, ended: endOf } = followRuns(() => service, 'durability');

describe('a cancelled run', () => {
  it('stops its training and is KILLED in MLflow', async () => {
    const workflowId = await start(await endlessTraining(service.data));
    const training = await when(workflowId, ({ steps }) =>
      steps.some(
        ({ step, progress }) => step === 'train' && progress?.message?.startsWith('iteration'),
      ),
    );
    expect(training).toMatchObject({ status: 'RUNNING', workflow: { status: 'RUNNING' } });
    await service.temporal.workflow.getHandle(workflowId).cancel();
    const ended = await endOf(workflowId);
    expect(ended).toMatchObject({
      status: 'KILLED',
      metrics: {},
      workflow: { status: 'CANCELLED' },
      notes: [],
    });
    expect(ended.steps.find(({ step }) => step === 'train')?.status).toBe('CANCELLED');
  });
});

describe('a run over its time limit', () => {
  it('ends as FAILED with that code', async () => {
    const answer = await service.invoke('mlflow.run_experiment', {
      experiment_name: 'out-of-time',
      ...(await endlessTraining(service.data)),
      limits: { timeout_seconds: 1 },
    });
    expect(answer).toMatchObject({ status: 422, failure: { code: 'TIME_LIMIT' } });
    expect(await view(String(answer.failure?.['run_id']))).toMatchObject({ status: 'FAILED' });
  });
});

describe('a failed run that is reset before its failed step', () => {
  it('goes on with the mended data and ends FINISHED as the same MLflow run', async () => {
    const path = join(service.data, 'mended.csv');
    await writeFile(path, 'f1,label\n1,0\n2,1\n,0\n4,1\n5,0\n6,1\n');
    const source = { kind: 'file', path: 'mended.csv', target: 'label' };
    const failed = await service.invoke('mlflow.run_experiment', {
      experiment_name: 'mended',
      source,
    });
    expect(failed.failure).toMatchObject({ code: 'MISSING_VALUES', step: 'load' });
    const workflowId = String(failed.failure?.['workflow_id']);

    await writeFile(path, 'f1,label\n1,0\n2,1\n3,0\n4,1\n5,0\n6,1\n');
    await resetBefore(workflowId, 'loadDataset');
    const ended = await when(workflowId, ({ workflow }) => workflow.status === 'COMPLETED');
    expect(ended).toMatchObject({
      run_id: failed.failure?.['run_id'],
      status: 'FINISHED',
      failure: null,
      notes: [],
    });
    expect(ended.metrics).toHaveProperty('accuracy');
    const fromMlflow = await view(String(ended.run_id));
    expect(fromMlflow).toMatchObject({ status: 'FINISHED', failure: null });
  });
});

/** What the Temporal UI's Reset does: back to the workflow task that scheduled the step. */
async function resetBefore(workflowId: string, activityType: string): Promise<void> {
  const handle = service.temporal.workflow.getHandle(workflowId);
  const { events } = await handle.fetchHistory();
  const scheduled = events?.find(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === activityType,
  );
  const { runId } = await handle.describe();
  await service.temporal.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId, runId },
    reason: 'the data was mended',
    requestId: `reset-${workflowId}`,
    workflowTaskFinishEventId:
      scheduled?.activityTaskScheduledEventAttributes?.workflowTaskCompletedEventId ?? null,
    resetReapplyType: proto.temporal.api.enums.v1.ResetReapplyType.RESET_REAPPLY_TYPE_ALL_ELIGIBLE,
  });
}
