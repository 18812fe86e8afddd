import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createLogger } from '../../platform/logging.ts';
import { readConfig } from '../../schemas/config.ts';
import { startServer, type RunningServer } from '../../server/listen.ts';
import { mcpRequest, type McpAnswer } from '../server/mcp-request.ts';
import { endlessTraining } from '../support/endless-training.ts';
import { startTestService, type TestService } from '../support/test-service.ts';

let service: TestService;
let later: RunningServer;
const anotherServer = () =>
  startServer(readConfig(service.settings), createLogger('test', 'silent'));
beforeAll(async () => {
  service = await startTestService();
  later = await anotherServer();
});
afterAll(async () => {
  await later.stop();
  await service.stop();
});

const asking =
  (server: () => { readonly url: string }) =>
  (method: string, params: object, capabilities?: object): Promise<McpAnswer> =>
    mcpRequest((init) => fetch(`${server().url}/mcp`, init), method, { ...params }, capabilities);
/** The server that a task is started with, and one that has never heard of it. */
const ask = asking(() => service);
const askLater = asking(() => later);

const csv = (path = 'train.csv', more: object = {}) => ({
  name: 'mlflow_run_experiment',
  arguments: {
    ...{ experiment_name: 'tasks', source: { kind: 'file', path, target: 'label' } },
    ...more,
  },
});

async function start(call: object, by = ask): Promise<string> {
  const { result } = await by('tools/call', call);
  expect(result).toMatchObject({ resultType: 'task', status: 'working', ttlMs: null });
  return String(result?.['taskId']);
}

type Seen = NonNullable<McpAnswer['result']>;

/** Polls the other server until the task is as wanted; the test's own timeout is the limit. */
async function taskWhen(taskId: string, wanted: (seen: Seen) => boolean): Promise<Seen> {
  for (;;) {
    const { result, error } = await askLater('tasks/get', { taskId });
    if (!result) throw new Error(error?.message);
    if (wanted(result)) return result;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const ended = (taskId: string) => taskWhen(taskId, ({ status }) => status !== 'working');

/** What the same call answers to a client that does not know tasks. */
async function answered(call: object) {
  const { resultType: _type, _meta, ...answer } = (await ask('tools/call', call, {})).result ?? {};
  return answer;
}

describe('an experiment as a task', () => {
  it('outlives its server, and ends at another with what the call would have answered', async () => {
    const call = csv('train.csv', { idempotency_key: randomUUID(), wait_seconds: 45 });
    const stopped = await anotherServer();
    const taskId = await start(
      call,
      asking(() => stopped),
    );
    await stopped.stop();
    const first = await askLater('tasks/get', { taskId });
    expect(first.result).toMatchObject({ resultType: 'complete', taskId });

    const done = await ended(taskId);
    expect(done).toMatchObject({ status: 'completed', statusMessage: 'The run has finished.' });
    expect(done['createdAt']).toBe(first.result?.['createdAt']);
    expect(Date.parse(String(done['lastUpdatedAt']))).toBeGreaterThan(
      Date.parse(String(done['createdAt'])),
    );
    const answer = await answered(call);
    expect(answer['structuredContent']).toMatchObject({ status: 'FINISHED', workflow_id: taskId });
    expect(done['result']).toEqual(answer);

    // The same key again is the same task, which has ended; cancelling it changes nothing.
    const again = await askLater('tools/call', call);
    expect(again.result).toMatchObject({ resultType: 'task', taskId, status: 'completed' });
    expect((await askLater('tasks/cancel', { taskId })).result).toBeDefined();
    expect((await askLater('tasks/get', { taskId })).result).toEqual(done);
  });

  it('that fails is completed with the tool’s error', async () => {
    const call = csv('none.csv', { idempotency_key: randomUUID() });
    const done = await ended(await start(call));
    expect(done).toMatchObject({
      ...{
        status: 'completed',
        statusMessage: expect.stringContaining('FILE_NOT_FOUND') as string,
      },
      result: { isError: true },
    });
    expect(done['result']).toEqual(await answered(call));
  });

  it('says which step it is at, and stops when it is cancelled, however often', async () => {
    const taskId = await start({
      name: 'mlflow_run_experiment',
      arguments: { experiment_name: 'tasks', ...(await endlessTraining(service.data)) },
    });
    const training = await taskWhen(taskId, ({ statusMessage }) =>
      String(statusMessage).startsWith('train: iteration'),
    );
    expect(training['pollIntervalMs']).toBeGreaterThanOrEqual(2000);
    for (const cancel of [ask, askLater]) {
      expect((await cancel('tasks/cancel', { taskId })).result).toMatchObject({
        resultType: 'complete',
      });
    }
    expect(await ended(taskId)).toMatchObject({
      ...{ status: 'cancelled', statusMessage: 'The run was cancelled.' },
    });
    const { events } = await service.temporal.workflow.getHandle(taskId).fetchHistory();
    const causes = events?.flatMap(
      (event) => event.workflowExecutionCancelRequestedEventAttributes?.cause ?? [],
    );
    expect(causes).toEqual(['mlflow_cancel_run by task-agent: tasks/cancel']);
  });

  it('goes on when its client leaves in the middle of a poll', async () => {
    const taskId = await start(csv());
    const left = new AbortController();
    const poll = mcpRequest(
      (init) => fetch(`${later.url}/mcp`, { ...init, signal: left.signal }),
      'tasks/get',
      { taskId },
    );
    left.abort();
    await expect(poll).rejects.toThrow(/abort/);
    expect(await ended(taskId)).toMatchObject({ status: 'completed' });
  });
});

describe('an id that is no task’s', () => {
  it('is refused, be it unknown, an MLflow run’s or another workflow’s', async () => {
    const foreign = `experiment-${randomUUID()}`;
    const handle = await service.temporal.workflow.start('notOurs', {
      ...{ workflowId: foreign, taskQueue: 'nobody', args: [] },
    });
    const { result } = await service.invoke('mlflow_run_experiment', csv().arguments);
    const ids = [`experiment-${randomUUID()}`, foreign, String(result?.['run_id'])];
    for (const taskId of ids) {
      for (const method of ['tasks/get', 'tasks/cancel', 'tasks/update']) {
        const { error } = await ask(method, { taskId, inputResponses: {} });
        expect(error?.code).toBe(-32602);
      }
    }
    expect((await handle.describe()).status.name).toBe('RUNNING');
    await handle.terminate();
  });
});
