import { describe, expect, it } from 'vitest';

import { createMlflowClient } from '../../../platform/tracking/mlflow-client.ts';
import { fakeServer, hang, json, mlflowError, type FakeServer } from './fake-mlflow.ts';

const found = (id: string, stage = 'active') =>
  json({ experiment: { experiment_id: id, lifecycle_stage: stage } });
const none = mlflowError(404, 'RESOURCE_DOES_NOT_EXIST', 'Could not find experiment');
const taken = mlflowError(400, 'RESOURCE_ALREADY_EXISTS', 'exists');
const calls = ({ requests }: FakeServer) =>
  requests.map(({ method, url }) => `${method} ${url.split('?')[0]!.split('/').at(-1)}`);

function clientOf(server: FakeServer) {
  const clock = { ms: 0 };
  const client = createMlflowClient({ url: server.url, backoffMs: 1, now: () => clock.ms });
  return { client, clock };
}

describe('ensureExperiment', () => {
  it('finds', async () => {
    const server = await fakeServer(found('7'));
    expect(await clientOf(server).client.ensureExperiment('a b/ü?')).toBe('7');
    expect(server.requests[0]!.url).toContain('experiment_name=a%20b%2F%C3%BC%3F');
  });

  it('creates', async () => {
    const server = await fakeServer(none, json({ experiment_id: '8' }));
    expect(await clientOf(server).client.ensureExperiment('new')).toBe('8');
    expect(server.requests[1]!.body).toBe('{"name":"new"}');
  });

  it('takes the one that somebody else has just created', async () => {
    const server = await fakeServer(none, taken, found('9'));
    expect(await clientOf(server).client.ensureExperiment('new')).toBe('9');
    expect(calls(server)).toEqual(['GET get-by-name', 'POST create', 'GET get-by-name']);
  });

  it('refuses a deleted one and says what to do', async () => {
    const server = await fakeServer(found('7', 'deleted'));
    await expect(clientOf(server).client.ensureExperiment('old')).rejects.toMatchObject({
      code: 'MLFLOW_REFUSED',
      hint: expect.stringContaining('Restore') as string,
    });
  });

  it('refuses names that MLflow refuses, without asking', async () => {
    const server = await fakeServer(found('7'));
    const { client } = clientOf(server);
    for (const name of ['', '  ', 'x'.repeat(501)]) {
      await expect(client.ensureExperiment(name)).rejects.toMatchObject({ code: 'MLFLOW_REFUSED' });
    }
    expect(server.requests).toHaveLength(0);
  });

  it('finds a longer name than it makes, as SQLite may hold it', async () => {
    const server = await fakeServer(found('7'), mlflowError(404, 'RESOURCE_DOES_NOT_EXIST', ''));
    const { client } = clientOf(server);
    expect(await client.ensureExperiment('x'.repeat(257))).toBe('7');
    await expect(client.ensureExperiment('y'.repeat(257))).rejects.toMatchObject({
      code: 'MLFLOW_REFUSED',
      hint: expect.stringContaining('256') as string,
    });
    expect(server.requests).toHaveLength(2);
  });

  it('asks once for many at the same time, and again after ten seconds', async () => {
    const server = await fakeServer(found('7'), found('8'));
    const { client, clock } = clientOf(server);
    const ids = await Promise.all(Array.from({ length: 50 }, () => client.ensureExperiment('e')));
    expect(new Set(ids)).toEqual(new Set(['7']));
    clock.ms = 9_999;
    expect(await client.ensureExperiment('e')).toBe('7');
    expect(server.requests).toHaveLength(1);
    clock.ms = 10_000;
    expect(await client.ensureExperiment('e')).toBe('8');
  });

  it('does not remember a failure', async () => {
    const server = await fakeServer(mlflowError(400, 'INVALID_PARAMETER_VALUE', ''), found('7'));
    const { client } = clientOf(server);
    await expect(client.ensureExperiment('e')).rejects.toMatchObject({ code: 'MLFLOW_REFUSED' });
    expect(await client.ensureExperiment('e')).toBe('7');
  });

  it('forgets the id when MLflow takes no run under it', async () => {
    const gone = mlflowError(404, 'RESOURCE_DOES_NOT_EXIST', 'No Experiment with id=7 exists');
    const server = await fakeServer(found('7'), gone, found('8'));
    const { client } = clientOf(server);
    const experimentId = await client.ensureExperiment('e');
    const run = { experimentId, runName: 'r', startTime: 1, tags: {} };
    await expect(client.createRun(run)).rejects.toMatchObject({ code: 'MLFLOW_REFUSED' });
    expect(await client.ensureExperiment('e')).toBe('8');
  });

  it('lets one caller give up without the others', async () => {
    let answer = () => {};
    const reached = Promise.withResolvers<void>();
    const server = await fakeServer((response, request) => {
      answer = () => found('7')(response, request);
      reached.resolve();
    });
    const { client } = clientOf(server);
    const controller = new AbortController();
    const first = client.ensureExperiment('e', { signal: controller.signal });
    const second = client.ensureExperiment('e');
    await reached.promise;
    controller.abort(new Error('cancelled'));
    await expect(first).rejects.toThrow('cancelled');
    answer();
    expect(await second).toBe('7');
  });
});

describe('health', () => {
  it('fails at once when MLflow does', async () => {
    const server = await fakeServer(json({}, 500), json({}));
    const { client } = clientOf(server);
    await expect(client.health()).rejects.toMatchObject({ code: 'MLFLOW_UNAVAILABLE' });
    expect(server.requests).toHaveLength(1);
    await expect(client.health()).resolves.toBeUndefined();
  });

  it('can be given up', async () => {
    const server = await fakeServer(hang);
    const { client } = clientOf(server);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(client.health({ signal })).rejects.toThrow('enough');
  });
});
