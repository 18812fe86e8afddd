import { describe, expect, it } from 'vitest';

import {
  ensureModelVersion,
  ensureRegisteredModel,
  reconcileModelVersions,
} from '../../../platform/tracking/ensure-model-version.ts';
import { createMlflowClient } from '../../../platform/tracking/mlflow-client.ts';
import { cut, fakeServer, json, mlflowError, text, type FakeServer } from './fake-mlflow.ts';

const none = mlflowError(404, 'RESOURCE_DOES_NOT_EXIST', 'not found');
const taken = mlflowError(400, 'RESOURCE_ALREADY_EXISTS', 'exists');
const denied = text('Permission denied', 403);
const registered = (fields: object = {}) =>
  json({ registered_model: { name: 'churn', ...fields } });
const version = (number: number, modelId = 'm-1', name = 'churn') => ({
  ...{ name, version: String(number), run_id: 'r', source: `models:/${modelId}` },
});
const versions = (...found: object[]) => json({ model_versions: found });
const tagged = (...numbers: number[]) =>
  json({
    model: {
      info: {
        ...{ model_id: 'm-1', experiment_id: '7' },
        tags: [
          {
            key: 'mlflow.modelVersions',
            value: JSON.stringify(numbers.map((number) => ({ name: 'churn', version: number }))),
          },
        ],
      },
    },
  });

const clientOf = (server: FakeServer) => createMlflowClient({ url: server.url, backoffMs: 1 });
const calls = ({ requests }: FakeServer) =>
  requests.map(
    ({ method, url }) => `${method} ${url.replace('/api/2.0/mlflow/', '').split('?')[0]}`,
  );
const IDENTITY = { name: 'churn', runId: 'r', modelId: 'm-1', tags: { a: 'b' } };

describe('ensureRegisteredModel', () => {
  const ensure = (server: FakeServer, name = 'churn') =>
    ensureRegisteredModel(clientOf(server), { name, description: 'd', tags: { a: 'b' } });

  it('leaves one that exists as it is', async () => {
    const server = await fakeServer(registered({ description: 'by eva' }));
    expect(await ensure(server)).toMatchObject({ name: 'churn', description: 'by eva' });
    expect(calls(server)).toEqual(['GET registered-models/get']);
  });

  it('creates one, and takes the one that somebody else has just created', async () => {
    const server = await fakeServer(none, registered());
    await ensure(server);
    expect(JSON.parse(server.requests[1]!.body)).toEqual({
      ...{ name: 'churn', description: 'd', tags: [{ key: 'a', value: 'b' }] },
    });
    const busy = await fakeServer(none, taken, registered());
    expect(await ensure(busy)).toMatchObject({ name: 'churn' });
  });

  it('finds its own after a lost answer', async () => {
    const server = await fakeServer(none, cut, taken, registered());
    expect(await ensure(server)).toMatchObject({ name: 'churn' });
  });

  it('creates one although MLflow denies the look-up of what is not there', async () => {
    const server = await fakeServer(denied, registered());
    expect(await ensure(server)).toMatchObject({ name: 'churn' });
    const theirs = await fakeServer(denied, taken);
    await expect(ensure(theirs)).rejects.toMatchObject({ code: 'MLFLOW_DENIED' });
  });

  it('refuses the name of a prompt', async () => {
    const tags = [{ key: 'mlflow.prompt.is_prompt', value: 'true' }];
    const server = await fakeServer(registered({ tags }));
    await expect(ensure(server)).rejects.toMatchObject({ code: 'MODEL_NAME_INVALID' });
  });

  it.each([
    '',
    ' ',
    'a/b',
    'a:b',
    '.',
    '..',
    'a?b',
    'a\\b',
    "it's",
    'a"b',
    'x'.repeat(257),
    'a\nb',
    'a ',
  ])('asks nothing for the name %j', async (name) => {
    const server = await fakeServer(none);
    await expect(ensure(server, name)).rejects.toMatchObject({ code: 'MODEL_NAME_INVALID' });
    expect(server.requests).toEqual([]);
  });
});

describe('ensureModelVersion', () => {
  const ensure = (server: FakeServer, options = {}) =>
    ensureModelVersion(clientOf(server), IDENTITY, options);

  it('creates one that names run and LoggedModel', async () => {
    const server = await fakeServer(versions(), json({ model_version: version(4) }));
    expect(await ensure(server)).toMatchObject({
      version: { version: 4, runId: 'r', modelId: 'm-1' },
      sole: false,
    });
    expect(server.requests[0]!.url).toContain('filter=run_id+%3D+%27r%27');
    expect(JSON.parse(server.requests[1]!.body)).toEqual({
      ...{ name: 'churn', source: 'models:/m-1', run_id: 'r', model_id: 'm-1' },
      tags: [{ key: 'a', value: 'b' }],
    });
  });

  it('takes the earliest of this model and name', async () => {
    const others = [version(2, 'm-2'), version(1, 'm-1', 'other')];
    const server = await fakeServer(versions(version(5), version(3), ...others), tagged(3));
    expect(await ensure(server)).toMatchObject({ version: { version: 3 }, sole: false });
    expect(calls(server)).toEqual(['GET model-versions/search', 'GET logged-models/m-1']);
  });

  it('finishes what MLflow had begun when it failed between version and tag', async () => {
    const server = await fakeServer(text('', 500), versions(version(2)), tagged(1), json({}));
    await ensure(server, { neverAsked: true });
    expect(calls(server).at(-1)).toBe('PATCH logged-models/m-1/tags');
    const [tag] = (JSON.parse(server.requests.at(-1)!.body) as { tags: { value: string }[] }).tags;
    expect(JSON.parse(tag!.value)).toEqual([
      { name: 'churn', version: 1 },
      { name: 'churn', version: 2 },
    ]);
  });

  it('does not create twice when it is not known whether the first one is on its way', async () => {
    const server = await fakeServer(cut, versions());
    await expect(ensure(server, { neverAsked: true })).rejects.toMatchObject({
      code: 'MLFLOW_UNAVAILABLE',
    });
    expect(calls(server)).toEqual(['POST model-versions/create', 'GET model-versions/search']);
  });

  it('says that the registered model is missing', async () => {
    const server = await fakeServer(none);
    await expect(ensure(server, { neverAsked: true })).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
    });
  });
});

it('reconcileModelVersions leaves the one that was used, and those with an alias', async () => {
  const server = await fakeServer((response, request) => {
    const answer = request.url.includes('search')
      ? versions(version(1), version(2), version(3), version(4, 'm-2'))
      : registered({ aliases: [{ alias: 'champion', version: '3' }] });
    answer(response, request);
  });
  const deleted = await reconcileModelVersions(clientOf(server), { ...IDENTITY, keep: 1 });
  expect(deleted).toEqual([2]);
  expect(JSON.parse(server.requests.at(-1)!.body)).toEqual({ name: 'churn', version: '2' });
});

describe('versionByAlias', () => {
  const ask = { name: 'churn', alias: 'champion' };

  it('is null without model, alias or version', async () => {
    const alias = { aliases: [{ alias: 'champion', version: '3' }] };
    const answers = [[none], [registered()], [registered(alias), none]] as const;
    for (const [first, ...rest] of answers) {
      const server = await fakeServer(first, ...rest);
      expect(await clientOf(server).registry.versionByAlias(ask)).toBeNull();
    }
  });

  it.each(['latest', 'LATEST', 'v3', 'a b', '', 'x'.repeat(256), 'ä'])(
    'never is %j',
    async (alias) => {
      const { registry } = createMlflowClient({ url: 'http://127.0.0.1:9' });
      await expect(registry.setAlias({ ...ask, alias, version: 1 })).rejects.toMatchObject({
        code: 'MODEL_NAME_INVALID',
      });
    },
  );
});
