import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';

import { CancelledFailure, Context } from '@temporalio/activity';
import { Client, Connection, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import type { Activities } from '../../activities/index.ts';
import type { CloseInput, ExperimentInput } from '../../schemas/experiment.ts';
import { taskQueueOf } from '../../schemas/names.ts';
import type { Registration } from '../../schemas/request.ts';
import { runExperiment } from '../../workflows/index.ts';

const request: ExperimentInput = {
  experimentName: 'demo',
  model: 'logreg_tabular',
  source: { kind: 'file', path: 'train.csv', format: 'csv', target: 'label' },
  params: { C: 1, max_iter: 1000, tol: 1e-4, test_size: 0.2, seed: 42 },
  limits: {},
  trackingUri: null,
  caller: 'test',
};
const blob = { key: 'k', sha256: 'a', bytes: 1 };

const proof = { rows: 2, differentLabels: 0, largestDifference: 0, passed: true };
const registered = { model_name: 'churn', version: '3', champion: true, reason: 'The first.' };
const registration: Registration = {
  model_name: 'churn',
  metric: 'f1_weighted',
  beat_champion: true,
};
const origin = {
  ...{ runId: 'o', experimentId: '1', metrics: { accuracy: 1 }, modelId: 'm-0', warnings: ['old'] },
};

/** Steps that succeed at once and remember how the run was closed. */
function steps(overrides: Partial<Activities> = {}) {
  const closed: CloseInput[] = [];
  const activities: Activities = {
    validateSource: async () => ({
      display: '',
      columnCount: 2,
      featureCount: 1,
      features: [],
      featureTypes: 'd',
    }),
    findReusableRun: async () => ({ origin: null, dataset: null }),
    registerModel: async () => ({ registered }),
    openRun: async () => ({ experimentId: '1', runId: 'r', artifactUri: 'a', sole: true }),
    reopenRun: async () => ({ runId: 'r' }),
    loadDataset: async () => ({
      ...{ blob, task: 'tabular', rows: 4, columns: [], target: 'label', classCount: 2 },
      ...{ classes: [], labelType: 'int', sourceSha256: null },
    }),
    splitDataset: async () => ({ blob, trainRows: 2, testRows: 2, warnings: ['grown'] }),
    trainModel: async () => ({
      ...{ blob, iterations: 3, converged: true, loss: 0.1, featureCount: 1, warnings: [] },
    }),
    evaluateModel: async () => ({ predictions: blob, metrics: { accuracy: 0.5 } }),
    logRun: async () => ({
      ...{ artifacts: [], warnings: ['failed proof'], model: { modelId: 'm-1', bytes: 1, proof } },
    }),
    closeRun: async (input) => {
      closed.push(input);
      return { runId: 'r' };
    },
    inspectSource: () => Promise.reject(final('INTERNAL')),
    ...overrides,
  };
  return { activities, closed };
}

let connection: NativeConnection;
let client: Client;
let workflowBundle: Awaited<ReturnType<typeof bundleWorkflowCode>>;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const address = inject('temporal');
  connection = await NativeConnection.connect({ address });
  client = new Client({ connection: await Connection.connect({ address }) });
  // Bundling is also the proof that no workflow reaches code that is not deterministic.
  workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)),
  });
});
afterAll(async () => {
  await client.connection.close();
  await connection.close();
});

async function withWorker<T>(activities: Activities, use: (taskQueue: string) => Promise<T>) {
  const taskQueue = `test-${randomUUID()}`;
  // How fast a step learns that it is cancelled.
  const options = { connection, activities, maxHeartbeatThrottleInterval: '100 ms' };
  const steps = await Worker.create({ ...options, taskQueue, workflowBundle });
  const trainings = await Worker.create({
    ...options,
    taskQueue: taskQueueOf('training', taskQueue),
  });
  return steps.runUntil(() => trainings.runUntil(use(taskQueue)));
}

async function start(taskQueue: string, input: ExperimentInput = request) {
  return client.workflow.start(runExperiment, {
    ...{ taskQueue, args: [input] as [ExperimentInput], workflowId: `test-${randomUUID()}` },
  });
}

async function failureOf(result: Promise<unknown>): Promise<unknown> {
  const error = await result.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(WorkflowFailedError);
  return (error as WorkflowFailedError).cause;
}

const final = (code: string) =>
  ApplicationFailure.create({
    ...{ message: 'No.', type: code, nonRetryable: true },
    details: [{ code, step: null, message: 'No.', hint: 'Do.' }],
  });

describe('runExperiment', () => {
  it('returns the ids, the metrics and the warnings, and closes the run as FINISHED', async () => {
    const { activities, closed } = steps();
    const result = await withWorker(activities, async (queue) => (await start(queue)).result());
    expect(result).toEqual({
      ...{ runId: 'r', experimentId: '1', metrics: { accuracy: 0.5 }, modelId: 'm-1' },
      warnings: ['grown', 'failed proof'],
    });
    expect(closed.map(({ status, failure }) => [status, failure])).toEqual([['FINISHED', null]]);
  });

  it('registers the model that it logged, and only when it is asked to', async () => {
    const asked: unknown[] = [];
    const { activities } = steps({
      registerModel: async ({ runId, modelId, metrics }) => {
        asked.push({ runId, modelId, metrics });
        return { registered };
      },
    });
    const result = await withWorker(activities, async (queue) => {
      await (await start(queue)).result();
      expect(asked).toEqual([]);
      return (await start(queue, { ...request, register: registration })).result();
    });
    expect(asked).toEqual([{ runId: 'r', modelId: 'm-1', metrics: { accuracy: 0.5 } }]);
    expect(result.registered).toEqual(registered);
  });

  it('answers with a finished run that it may use again, and opens none of its own', async () => {
    const forbidden = () => Promise.reject(final('INTERNAL'));
    const { activities, closed } = steps({
      findReusableRun: async () => ({ origin, dataset: null }),
      openRun: forbidden,
      loadDataset: forbidden,
    });
    const result = await withWorker(activities, async (queue) =>
      (await start(queue, { ...request, reuse: true, register: registration })).result(),
    );
    expect(result).toEqual({ ...origin, reused: true, registered });
    expect(closed).toEqual([]);
  });

  it('goes on with the dataset that the search for a run has loaded', async () => {
    const loaded = await steps().activities.loadDataset(request);
    const { activities, closed } = steps({
      findReusableRun: async () => ({ origin: null, dataset: { ...loaded, rows: 99 } }),
      loadDataset: () => Promise.reject(final('INTERNAL')),
      splitDataset: async ({ dataset }) => {
        return { blob, trainRows: dataset.rows, testRows: 2, warnings: [`${dataset.rows} rows`] };
      },
    });
    const result = await withWorker(activities, async (queue) =>
      (await start(queue, { ...request, reuse: true })).result(),
    );
    expect(result.reused).toBeUndefined();
    expect(result.warnings).toContain('99 rows');
    expect(closed.map(({ status }) => status)).toEqual(['FINISHED']);
  });

  it('tries a step again after a failure that may pass', async () => {
    let tries = 0;
    const { activities, closed } = steps({
      openRun: async () => {
        tries += 1;
        if (tries < 3)
          throw ApplicationFailure.create({ type: 'MLFLOW_UNAVAILABLE', message: 'Away.' });
        return { experimentId: '1', runId: 'r', artifactUri: 'a', sole: false };
      },
    });
    await withWorker(activities, async (queue) => (await start(queue)).result());
    expect(tries).toBe(3);
    expect(closed).toHaveLength(1);
  });

  it('ends at once with a final failure’s code and step, and closes the run as FAILED', async () => {
    const { activities, closed } = steps({ loadDataset: () => Promise.reject(final('ONE_CLASS')) });
    const cause = await withWorker(activities, async (queue) =>
      failureOf((await start(queue)).result()),
    );
    expect(cause).toMatchObject({
      type: 'ONE_CLASS',
      details: [{ code: 'ONE_CLASS', step: 'load', message: 'No.', hint: 'Do.' }],
    });
    expect(closed).toMatchObject([
      { status: 'FAILED', failure: { code: 'ONE_CLASS', step: 'load' } },
    ]);
  });

  it('leaves no MLflow run behind when the source does not pass validation', async () => {
    const { activities, closed } = steps({
      validateSource: () => Promise.reject(final('FILE_NOT_FOUND')),
    });
    const cause = await withWorker(activities, async (queue) =>
      failureOf((await start(queue)).result()),
    );
    expect(cause).toMatchObject({ type: 'FILE_NOT_FOUND' });
    expect(closed).toEqual([]);
  });

  it('looks for the run at the end when opening it failed on the way', async () => {
    const { activities, closed } = steps({ openRun: () => Promise.reject(final('MLFLOW_DENIED')) });
    await withWorker(activities, async (queue) => failureOf((await start(queue)).result()));
    expect(closed).toMatchObject([{ run: null, status: 'FAILED' }]);
  });

  it('cancels the step that runs and closes the run as KILLED', async () => {
    let entered: () => void;
    const running = new Promise<void>((resolve) => (entered = resolve));
    const { activities, closed } = steps({
      trainModel: async () => {
        const context = Context.current();
        const beat = setInterval(() => context.heartbeat(), 50);
        entered();
        await context.cancelled.finally(() => clearInterval(beat));
        throw new Error('unreachable');
      },
    });
    const cause = await withWorker(activities, async (queue) => {
      const handle = await start(queue);
      await running;
      await handle.cancel();
      return failureOf(handle.result());
    });
    expect(cause).toBeInstanceOf(CancelledFailure);
    expect(closed).toMatchObject([
      { status: 'KILLED', failure: { code: 'CANCELLED', step: 'train' } },
    ]);
  });

  it('ends a run over its own time limit with that code', async () => {
    const { activities, closed } = steps({
      evaluateModel: async () => {
        const context = Context.current();
        const beat = setInterval(() => context.heartbeat(), 50);
        await context.cancelled.finally(() => clearInterval(beat));
        throw new Error('unreachable');
      },
    });
    const limited = { ...request, limits: { timeout_seconds: 1 } };
    const cause = await withWorker(activities, async (queue) =>
      failureOf((await start(queue, limited)).result()),
    );
    expect(cause).toMatchObject({ type: 'TIME_LIMIT' });
    expect(closed).toMatchObject([
      { status: 'FAILED', failure: { code: 'TIME_LIMIT', step: 'evaluate' } },
    ]);
  });

  it('keeps the run’s own failure when the MLflow run can’t be closed', async () => {
    const { activities } = steps({
      loadDataset: () => Promise.reject(final('ONE_CLASS')),
      closeRun: () => Promise.reject(final('MLFLOW_DENIED')),
    });
    const cause = await withWorker(activities, async (queue) =>
      failureOf((await start(queue)).result()),
    );
    expect(cause).toMatchObject({ type: 'ONE_CLASS' });
  });
});
