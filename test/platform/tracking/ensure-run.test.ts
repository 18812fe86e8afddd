import { describe, expect, it } from 'vitest';

import { ensureRun, reconcileRuns } from '../../../platform/tracking/ensure-run.ts';
import { createMlflowClient } from '../../../platform/tracking/mlflow-client.ts';
import { TAGS } from '../../../schemas/names.ts';
import { cut, fakeServer, json, text, type FakeServer } from './fake-mlflow.ts';

const IDENTITY = {
  experimentId: '7',
  workflowId: 'experiment-1',
  runName: 'demo',
  startTime: 1000,
  tags: { caller: 'eva' },
};
const TAGGED = [
  { key: 'caller', value: 'eva' },
  { key: TAGS.workflowId, value: 'experiment-1' },
];

const run = (run_id: string, info: object = {}, tags: object[] = TAGGED) => ({
  info: { run_id, experiment_id: '7', start_time: 1000, artifact_uri: `u/${run_id}`, ...info },
  data: { tags },
});
const runs = (...found: object[]) => json({ runs: found });
const nothing = json({});

const clientOf = (server: FakeServer) => createMlflowClient({ url: server.url, backoffMs: 1 });
const calls = ({ requests }: FakeServer) => requests.map(({ url }) => url.split('/').at(-1));
const bodies = ({ requests }: FakeServer) =>
  requests.map(({ body }) => JSON.parse(body) as Record<string, unknown>);

describe('ensureRun', () => {
  it('searches, then creates with the tag in the same request', async () => {
    const server = await fakeServer(nothing, json({ run: run('a') }));
    const ensured = await ensureRun(clientOf(server), IDENTITY);
    expect(ensured).toEqual({ runId: 'a', artifactUri: 'u/a', sole: false });
    expect(bodies(server)).toEqual([
      {
        experiment_ids: ['7'],
        filter: "tags.`temporal.workflow_id` = 'experiment-1'",
        max_results: 200,
      },
      { experiment_id: '7', run_name: 'demo', start_time: 1000, tags: TAGGED },
    ]);
  });

  it('needs one request when nobody can have asked before', async () => {
    const server = await fakeServer(json({ run: run('a') }));
    const ensured = await ensureRun(clientOf(server), IDENTITY, { neverAsked: true });
    expect(ensured).toEqual({ runId: 'a', artifactUri: 'u/a', sole: true });
    expect(calls(server)).toEqual(['create']);
  });

  it('takes the run that an earlier attempt made, in one request', async () => {
    const server = await fakeServer(runs(run('a')));
    expect((await ensureRun(clientOf(server), IDENTITY)).runId).toBe('a');
    expect(calls(server)).toEqual(['search']);
  });

  it('takes the earliest of several, whatever the order, and deletes none', async () => {
    const late = run('a', { start_time: 2000 });
    const server = await fakeServer(runs(late, run('c'), run('b')));
    expect(await ensureRun(clientOf(server), IDENTITY)).toMatchObject({ runId: 'b', sole: false });
    expect(calls(server)).toEqual(['search']);
  });

  it('reopens a run that had ended, with the tags of this attempt', async () => {
    const ended = run('a', { status: 'FAILED', end_time: 5 }, [{ key: 'caller', value: 'tom' }]);
    const server = await fakeServer(runs(ended), nothing);
    expect((await ensureRun(clientOf(server), IDENTITY)).runId).toBe('a');
    expect(calls(server).toSorted()).toEqual(['log-batch', 'search', 'update']);
    expect(bodies(server)).toContainEqual({ run_id: 'a', status: 'RUNNING' });
    expect(bodies(server)).toContainEqual({ run_id: 'a', tags: TAGGED, params: [], metrics: [] });
  });

  it.each([
    ['the connection was cut', cut],
    ['MLflow failed', text('', 500)],
    ['the answer was not MLflow’s', text('<html>')],
  ])('finds what it created although %s', async (_name, fault) => {
    const server = await fakeServer(fault, runs(run('a')));
    const ensured = await ensureRun(clientOf(server), IDENTITY, { neverAsked: true });
    expect(ensured).toEqual({ runId: 'a', artifactUri: 'u/a', sole: false });
    expect(calls(server)).toEqual(['create', 'search']);
  });

  it('does not create twice when it is not known whether the first one is on its way', async () => {
    const server = await fakeServer(nothing, cut, nothing);
    await expect(ensureRun(clientOf(server), IDENTITY)).rejects.toMatchObject({
      code: 'MLFLOW_UNAVAILABLE',
    });
    expect(calls(server)).toEqual(['search', 'create', 'search']);
  });

  it('does not search when MLflow refused', async () => {
    const server = await fakeServer(nothing, text('', 403));
    await expect(ensureRun(clientOf(server), IDENTITY)).rejects.toMatchObject({
      code: 'MLFLOW_DENIED',
    });
    expect(calls(server)).toEqual(['search', 'create']);
  });

  it('stops when it is cancelled', async () => {
    const controller = new AbortController();
    const server = await fakeServer(nothing, () => controller.abort(new Error('cancelled')));
    const { signal } = controller;
    await expect(ensureRun(clientOf(server), IDENTITY, { signal })).rejects.toThrow('cancelled');
    expect(calls(server)).toEqual(['search', 'create']);
  });
});

describe('reconcileRuns', () => {
  const all = runs(run('a', { start_time: 1 }), run('b', { start_time: 2 }), run('c'));

  it('keeps the run that the workflow used, be it the earliest or not', async () => {
    const server = await fakeServer(all, nothing);
    const left = await reconcileRuns(clientOf(server), { ...IDENTITY, keep: 'b' });
    expect(left).toMatchObject({ run: { runId: 'b' }, deleted: ['a', 'c'] });
    expect(bodies(server).slice(1)).toEqual([{ run_id: 'a' }, { run_id: 'c' }]);
  });

  it('keeps the earliest when the workflow never got to know one', async () => {
    const server = await fakeServer(all, nothing);
    const left = await reconcileRuns(clientOf(server), IDENTITY);
    expect(left).toMatchObject({ run: { runId: 'a' }, deleted: ['b', 'c'] });
  });

  it('needs one request when all is well', async () => {
    const server = await fakeServer(runs(run('a')));
    const left = await reconcileRuns(clientOf(server), { ...IDENTITY, keep: 'a' });
    expect(left).toMatchObject({ run: { runId: 'a' }, deleted: [] });
    expect(calls(server)).toEqual(['search']);
  });

  it('says when there is none', async () => {
    const server = await fakeServer(nothing);
    expect(await reconcileRuns(clientOf(server), IDENTITY)).toEqual({ run: null, deleted: [] });
  });
});
