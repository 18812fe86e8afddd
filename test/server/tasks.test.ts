import { Client } from '@modelcontextprotocol/client';
import { InMemoryTransport, type JSONRPCMessage } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { describe, expect, it } from 'vitest';

import { Failure } from '../../schemas/failure.ts';
import type { RunView } from '../../schemas/run-view.ts';
import { createMcpServerFactory } from '../../server/mcp.ts';
import { createDoors, failedRun, fileRequest } from './fake-experiments.ts';
import { mcpRequest, TASKS } from './mcp-request.ts';

const STARTED = '2026-11-20T10:00:00.000Z';
const LATER = '2026-11-20T10:00:40.000Z';

function view(status: string, more: Partial<RunView> = {}): RunView {
  const going = status === 'RUNNING';
  return {
    ...{ run_id: 'r1', experiment_id: '7', status: null, params: {}, metrics: {}, artifacts: [] },
    workflow: {
      ...{ workflow_id: 'experiment-1', run_id: 't1', status },
      ...{ started_at: STARTED, ended_at: going ? null : LATER },
    },
    steps: [],
    ...{ failure: null, warnings: [], notes: [], cursor: 'c', next_poll_seconds: going ? 7 : null },
    links: { mlflow: null, temporal: null },
    ...more,
  };
}

const training: RunView['steps'][number] = {
  ...{ step: 'train', status: 'RUNNING', attempts: 1, started_at: LATER, ended_at: null },
  ...{ duration_ms: null, waiting_since: null, next_attempt_at: null, failure: null },
  progress: { message: 'iteration 12, loss 0.3' },
};

const doorsAt = (status: string, more: Partial<RunView> = {}, others = {}) =>
  createDoors({ get: async () => view(status, more), ...others });

function ask(
  { app }: ReturnType<typeof createDoors>,
  method: string,
  params: Record<string, unknown>,
  capabilities?: object,
) {
  const post = (init: RequestInit) => {
    const headers = { ...(init.headers as Record<string, string>), host: 'localhost:8000' };
    return app.request('http://localhost:8000/mcp', { ...init, headers });
  };
  return mcpRequest(post, method, params, capabilities);
}

const run = { name: 'mlflow_run_experiment', arguments: fileRequest };
const task = { taskId: 'experiment-1' };

describe('a call of a client that knows tasks', () => {
  it.each(['mlflow_run_experiment', 'mlflow.run_experiment'])(
    'of %s is answered at once with the started run',
    async (name) => {
      const doors = doorsAt('RUNNING', { steps: [training] });
      const args = { ...fileRequest, wait_seconds: 45 };
      const { result } = await ask(doors, 'tools/call', { name, arguments: args });
      expect(result).toMatchObject({
        ...{ resultType: 'task', taskId: 'experiment-1', status: 'working' },
        ...{ createdAt: STARTED, lastUpdatedAt: LATER, ttlMs: null, pollIntervalMs: 7000 },
        statusMessage: 'train: iteration 12, loss 0.3',
      });
      expect(result).not.toHaveProperty('result');
      expect(doors).toMatchObject({ waits: [], callers: ['task-agent'] });
      expect(doors.started).toHaveLength(1);
    },
  );

  it('has no result, either, when a repeated key finds a run that has ended', async () => {
    const { result } = await ask(doorsAt('COMPLETED'), 'tools/call', run);
    expect(result).toMatchObject({ resultType: 'task', status: 'completed' });
    expect(result).not.toHaveProperty('result');
  });

  it('with wrong arguments is answered as ever, and starts nothing', async () => {
    const doors = doorsAt('RUNNING');
    const wrong = { ...run, arguments: { ...fileRequest, wait_seconds: 900 } };
    const { result } = await ask(doors, 'tools/call', wrong);
    expect(result).toMatchObject({
      ...{ resultType: 'complete', isError: true },
      structuredContent: { failure: { code: 'INVALID_REQUEST' } },
    });
    expect(doors.started).toEqual([]);
  });

  it('still has the workflow’s id when Temporal goes away after the start', async () => {
    const away = new Failure('TEMPORAL_UNAVAILABLE', 'Temporal does not answer.', 'Try again.');
    const doors = createDoors({ get: () => Promise.reject(away) });
    const { result } = await ask(doors, 'tools/call', run);
    expect(result).toMatchObject({
      resultType: 'complete',
      structuredContent: { status: 'RUNNING', workflow_id: 'experiment-1' },
    });
  });

  it('of any other tool is no task', async () => {
    const { result } = await ask(doorsAt('RUNNING'), 'tools/call', {
      ...{ name: 'mlflow_list_runs', arguments: { experiment_name: 'demo' } },
    });
    expect(result).toMatchObject({ resultType: 'complete', structuredContent: { runs: [] } });
  });
});

describe('tasks/get', () => {
  it.each([
    ['before its first step', {}, 'starting'],
    ['between two steps', { steps: [{ ...training, status: 'COMPLETED' as const }] }, 'going on'],
    [
      'that waits for a worker',
      { steps: [training], notes: ['No worker.'] },
      'train: iteration 12, loss 0.3. No worker.',
    ],
  ])('says of a run %s where it is', async (_where, more, statusMessage) => {
    const { result } = await ask(doorsAt('RUNNING', more), 'tasks/get', task);
    expect(result).toMatchObject({ resultType: 'complete', status: 'working', statusMessage });
  });

  it('holds of a finished run what the call would have answered', async () => {
    const doors = doorsAt('COMPLETED');
    const called = await ask(doors, 'tools/call', run, {});
    const { result } = await ask(doors, 'tasks/get', task);
    expect(result).toMatchObject({
      ...{ status: 'completed', lastUpdatedAt: LATER, statusMessage: 'The run has finished.' },
    });
    expect(result).not.toHaveProperty('pollIntervalMs');
    const { resultType: _type, _meta, ...answer } = called.result ?? {};
    expect(answer).toMatchObject({ structuredContent: { run_id: 'r1', status: 'FINISHED' } });
    expect(result?.['result']).toEqual(answer);
  });

  it('holds of a failed run the tool’s own error: failed is for JSON-RPC’s', async () => {
    const doors = doorsAt('FAILED', {}, { wait: () => Promise.reject(failedRun) });
    const called = await ask(doors, 'tools/call', run, {});
    const { result } = await ask(doors, 'tasks/get', task);
    expect(result).toMatchObject({
      status: 'completed',
      statusMessage: 'The run has failed: ONE_CLASS: The target has one class.',
      result: { isError: true, structuredContent: called.result?.['structuredContent'] },
    });
  });

  it.each(['CANCELLED', 'TERMINATED'])('knows a run that was %s', async (status) => {
    const { result } = await ask(doorsAt(status), 'tasks/get', task);
    expect(result).toMatchObject({
      ...{ status: 'cancelled', statusMessage: `The run was ${status.toLowerCase()}.` },
    });
    expect(result).not.toHaveProperty('result');
  });

  it('fails itself, and not the task, while Temporal is away', async () => {
    const away = new Failure('TEMPORAL_UNAVAILABLE', 'Temporal does not answer.', 'Try again.');
    const doors = createDoors({ get: () => Promise.reject(away) });
    const { error } = await ask(doors, 'tasks/get', task);
    expect(error).toMatchObject({
      ...{ code: -32603, message: expect.stringContaining('TEMPORAL_UNAVAILABLE') as string },
    });
  });
});

describe('tasks/cancel', () => {
  it('asks the run to stop in the client’s name, as often as it is called', async () => {
    const asked: unknown[] = [];
    const cancel = async (...args: unknown[]) => {
      asked.push(args);
      return { workflowId: 'experiment-1', asked: asked.length === 1 };
    };
    const doors = doorsAt('RUNNING', {}, { cancel });
    for (const _time of ['first', 'second']) {
      const { result } = await ask(doors, 'tasks/cancel', task);
      expect(Object.keys(result ?? {}).sort()).toEqual(['_meta', 'resultType']);
      expect(result?.['resultType']).toBe('complete');
    }
    expect(asked[0]).toEqual([
      expect.objectContaining({ run_id: 'experiment-1', reason: 'tasks/cancel' }),
      'task-agent',
    ]);
  });
});

const METHODS = [
  ['tasks/get', {}],
  ['tasks/cancel', {}],
  ['tasks/update', { inputResponses: {} }],
] as const;

describe.each(METHODS)('%s', (method, more) => {
  it.each([
    ['that Temporal does not know', 'experiment-9'],
    ['of an MLflow run', 'a'.repeat(32)],
    ['of another workflow', 'inspection-1'],
    ['with a line break', 'experiment-1\n'],
    ['without end', `experiment-${'x'.repeat(5000)}`],
    ['without anything', ''],
  ])('refuses an id %s', async (_which, taskId) => {
    const unknown = () => Promise.reject(new Failure('RUN_NOT_FOUND', 'None.', 'Another.'));
    const known = taskId === 'experiment-9' ? { get: unknown, cancel: unknown } : {};
    const { error } = await ask(doorsAt('RUNNING', {}, known), method, { ...more, taskId });
    expect(error?.code).toBe(-32602);
  });

  it('is refused to a client that does not say it knows tasks', async () => {
    const { status, error } = await ask(doorsAt('RUNNING'), method, { ...more, ...task }, {});
    expect(status).toBe(400);
    expect(error).toMatchObject({ code: -32021, data: { requiredCapabilities: TASKS } });
  });
});

describe('tasks/update', () => {
  it('takes answers to nothing, as no run ever asks', async () => {
    const inputResponses = { unasked: { action: 'accept' } };
    const { result } = await ask(doorsAt('RUNNING'), 'tasks/update', { ...task, inputResponses });
    expect(result).toMatchObject({ resultType: 'complete' });
    const bare = await ask(doorsAt('RUNNING'), 'tasks/update', task);
    expect(bare.error?.code).toBe(-32602);
  });
});

describe('a server', () => {
  it('says in server/discover that it knows tasks', async () => {
    const { result } = await ask(createDoors(), 'server/discover', {}, {});
    expect(result?.['capabilities']).toMatchObject(TASKS);
  });

  it.each([
    ['of the newer revision that does not declare them', { pin: '2026-07-28' as const }],
    ['of an older revision', 'legacy' as const],
  ])('makes no task for a client %s', async (_which, mode) => {
    const doors = doorsAt('RUNNING');
    const [ours, theirs] = InMemoryTransport.createLinkedPair();
    serveStdio(createMcpServerFactory(doors.options), { transport: ours });
    const client = new Client({ name: 'x', version: '1' }, { versionNegotiation: { mode } });
    await client.connect(theirs);
    const { structuredContent } = await client.callTool(run);
    expect(structuredContent).toMatchObject({ run_id: 'r1', status: 'FINISHED' });
    expect(doors.waits).toEqual([30]);
    const older = client.getServerCapabilities()?.extensions;
    expect(older).toEqual(mode === 'legacy' ? undefined : TASKS.extensions);
    await client.close();
  });

  it('makes them over stdio, too', async () => {
    const [ours, theirs] = InMemoryTransport.createLinkedPair();
    serveStdio(createMcpServerFactory(doorsAt('RUNNING').options), { transport: ours });
    await theirs.start();
    const post = async (init: RequestInit) => {
      const answered = new Promise((resolve) => {
        theirs.onmessage = resolve;
      });
      await theirs.send(JSON.parse(init.body as string) as JSONRPCMessage);
      return Response.json(await answered);
    };
    const created = await mcpRequest(post, 'tools/call', run);
    expect(created.result).toMatchObject({ resultType: 'task', taskId: 'experiment-1' });
    expect((await mcpRequest(post, 'tasks/get', task)).result).toMatchObject({ status: 'working' });
    await theirs.close();
  });
});
