import { describe, expect, it } from 'vitest';

import {
  ensureLoggedModel,
  reconcileLoggedModels,
} from '../../../platform/tracking/ensure-logged-model.ts';
import { createMlflowClient } from '../../../platform/tracking/mlflow-client.ts';
import { cut, fakeServer, json, mlflowError, text, type FakeServer } from './fake-mlflow.ts';

const IDENTITY = {
  ...{ experimentId: '7', runId: 'r', name: 'model', content: 'sha' },
  ...{ modelType: 'classifier', params: { C: '1' }, tags: { a: 'b' } },
};
const model = (model_id: string, createdAt = 1, content = 'sha', info: object = {}) => ({
  info: {
    ...{ model_id, experiment_id: '7', name: 'model', source_run_id: 'r' },
    ...{ creation_timestamp_ms: createdAt, tags: [{ key: 'model.content', value: content }] },
    ...info,
  },
});
const models = (...found: object[]) => json({ models: found });

const clientOf = (server: FakeServer) => createMlflowClient({ url: server.url, backoffMs: 1 });
const calls = ({ requests }: FakeServer) =>
  requests.map(({ method, url }) => `${method} ${url.replace('/api/2.0/mlflow/', '')}`);
const ensure = async (server: FakeServer, options = {}) =>
  ensureLoggedModel(clientOf(server).models, IDENTITY, options);

describe('ensureLoggedModel', () => {
  it('searches, then creates with params and tags in the same request', async () => {
    const server = await fakeServer(json({}), json({ model: model('m-a') }));
    const ensured = await ensure(server);
    expect(ensured).toMatchObject({ model: { modelId: 'm-a', status: 'PENDING' }, sole: false });
    expect(JSON.parse(server.requests[0]!.body)).toEqual({
      experiment_ids: ['7'],
      filter: "name = 'model' AND source_run_id = 'r'",
      max_results: 200,
    });
    expect(JSON.parse(server.requests[1]!.body)).toEqual({
      ...{ experiment_id: '7', name: 'model', model_type: 'classifier', source_run_id: 'r' },
      tags: [
        { key: 'a', value: 'b' },
        { key: 'model.content', value: 'sha' },
      ],
      params: [{ key: 'C', value: '1' }],
    });
  });

  it('needs one request when nobody can have asked before', async () => {
    const server = await fakeServer(json({ model: model('m-a') }));
    expect(await ensure(server, { neverAsked: true })).toMatchObject({ sole: true });
    expect(calls(server)).toEqual(['POST logged-models']);
  });

  it('takes the earliest of the same content, and what became of it', async () => {
    const ready = model('m-c', 1, 'sha', { status: 'LOGGED_MODEL_READY' });
    const server = await fakeServer(models(model('m-a', 3), model('m-b', 0, 'other'), ready));
    const ensured = await ensure(server);
    expect(ensured).toMatchObject({ model: { modelId: 'm-c', status: 'READY' }, sole: false });
  });

  it('does not create twice after an unclear answer', async () => {
    const server = await fakeServer(cut, models(model('m-a')));
    const ensured = await ensure(server, { neverAsked: true });
    expect(ensured).toMatchObject({ model: { modelId: 'm-a' }, sole: false });
    const silent = await fakeServer(text('', 500), json({}));
    await expect(ensure(silent, { neverAsked: true })).rejects.toMatchObject({
      code: 'MLFLOW_UNAVAILABLE',
    });
    expect(calls(silent)).toEqual(['POST logged-models', 'POST logged-models/search']);
  });

  it('asks nothing for a name that MLflow refuses', async () => {
    const server = await fakeServer(json({}));
    const client = clientOf(server);
    for (const name of ['', 'a/b', 'a.b', 'a:b', '50%', "it's", 'x'.repeat(501), 'a\nb']) {
      const refused = ensureLoggedModel(client.models, { ...IDENTITY, name });
      await expect(refused).rejects.toMatchObject({ code: 'MODEL_NAME_INVALID' });
    }
    expect(server.requests).toEqual([]);
  });

  it('says so when MLflow is older than version 3', async () => {
    const server = await fakeServer(text('<html>Not Found', 404));
    await expect(ensure(server)).rejects.toMatchObject({
      code: 'MLFLOW_REFUSED',
      hint: expect.stringContaining('Upgrade') as string,
    });
    const client = clientOf(server);
    expect(await client.supportsLoggedModels()).toBe(false);
    expect(await client.supportsLoggedModels()).toBe(false);
    expect(server.requests).toHaveLength(2);
  });
});

it('supportsLoggedModels does not take a failure for an answer', async () => {
  const server = await fakeServer(text('', 403), json({}));
  const client = clientOf(server);
  await expect(client.supportsLoggedModels()).rejects.toMatchObject({ code: 'MLFLOW_DENIED' });
  expect(await client.supportsLoggedModels()).toBe(true);
});

describe('reconcileLoggedModels', () => {
  it('keeps the model that the run used, and no other of its name', async () => {
    const server = await fakeServer(
      models(model('m-a'), model('m-b', 2, 'other'), model('m-c')),
      json({}),
      mlflowError(404, 'RESOURCE_DOES_NOT_EXIST', 'gone already'),
    );
    const deleted = await reconcileLoggedModels(clientOf(server).models, {
      ...IDENTITY,
      keep: 'm-a',
    });
    expect(deleted).toEqual(['m-c', 'm-b']);
    expect(calls(server).slice(1)).toEqual([
      'DELETE logged-models/m-c',
      'DELETE logged-models/m-b',
    ]);
  });
});

describe('linkToRun', () => {
  const link = { modelId: 'm-a', runId: 'r' };
  const violated = mlflowError(400, 'BAD_REQUEST', '(sqlite3.IntegrityError) UNIQUE constraint');
  const run = (...ids: string[]) =>
    json({
      run: {
        info: { run_id: 'r', experiment_id: '7' },
        outputs: { model_outputs: ids.map((model_id) => ({ model_id })) },
      },
    });

  it('is done when an earlier attempt has done it', async () => {
    const server = await fakeServer(violated, run('m-b', 'm-a'));
    await clientOf(server).models.linkToRun(link);
    expect(server.requests).toHaveLength(2);
  });

  it('is not done when the run does not show it', async () => {
    const server = await fakeServer(cut, run('m-b'));
    await expect(clientOf(server).models.linkToRun(link)).rejects.toMatchObject({
      code: 'MLFLOW_UNAVAILABLE',
    });
  });
});
