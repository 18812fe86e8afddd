import { afterEach, beforeAll, describe, expect, it } from 'vitest';

import {
  ensureModelVersion,
  ensureRegisteredModel,
  reconcileModelVersions,
} from '../../../platform/tracking/ensure-model-version.ts';
import { ensureLoggedModel } from '../../../platform/tracking/ensure-logged-model.ts';
import { createMlflowClient } from '../../../platform/tracking/mlflow-client.ts';
import type { MlflowClient } from '../../../platform/tracking/tracking-types.ts';
import { startFaultProxy } from '../../support/fault-proxy.ts';
import type { Fault, FaultProxy } from '../../support/fault-proxy.ts';
import { useMlflow } from './server.ts';

const mlflow = useMlflow();
const unique = `${Date.now()}-${process.pid}`;
let direct: MlflowClient;
let experimentId: string;
let proxy: FaultProxy | undefined;

beforeAll(async () => {
  direct = createMlflowClient({ url: mlflow.url });
  experimentId = await direct.ensureExperiment(`registry ${unique}`);
});
afterEach(async () => {
  await proxy?.close();
  proxy = undefined;
});

/** A client on whose way requests of one kind have a fault. */
async function behind(path: string, fault: Fault) {
  proxy = await startFaultProxy({
    target: mlflow.url,
    mode: ({ url }) => (url?.endsWith(path) ? fault : 'ok'),
  });
  const client = createMlflowClient({ url: proxy.url, timeoutMs: 20_000, backoffMs: 5 });
  return { client, proxy };
}

async function newModel() {
  const run = await direct.createRun({ experimentId, runName: 'r', startTime: 1, tags: {} });
  const identity = { experimentId, runId: run.runId, name: 'model', content: 'sha' };
  const { model } = await ensureLoggedModel(direct.models, identity, { neverAsked: true });
  return { runId: run.runId, modelId: model.modelId };
}

const numbers = async (name: string) =>
  (await direct.registry.listVersions({ name, maxResults: 100 })).versions.map(
    ({ version }) => version,
  );

describe('a registered model', () => {
  it('is one, however many ask at once and whatever happens on the way', async () => {
    const name = `many ${unique} ü`;
    const { client } = await behind('/registered-models/create', 'commit-then-cut');
    const made = await Promise.all(
      Array.from({ length: 8 }, () =>
        ensureRegisteredModel(client, { name, description: 'churn', tags: { team: 'a' } }),
      ),
    );
    expect(new Set(made.map((model) => model.name))).toEqual(new Set([name]));
    expect(await direct.registry.find(name)).toMatchObject({
      ...{ name, description: 'churn', tags: { team: 'a' }, aliases: {} },
    });
  });

  it('that exists stays as it is', async () => {
    const name = `kept ${unique}`;
    await ensureRegisteredModel(direct, { name, description: 'by eva' });
    const again = await ensureRegisteredModel(direct, { name, description: 'by tom' });
    expect(again.description).toBe('by eva');
  });

  it('is found by a part of its name, in pages', async () => {
    const names = ['a', 'b', 'c'].map((letter) => `Paged ${unique} ${letter}`);
    for (const name of names) await ensureRegisteredModel(direct, { name });
    const nameContains = `paged ${unique}`;
    const first = await direct.registry.list({ nameContains, maxResults: 2 });
    const pageToken = first.nextPageToken;
    const second = await direct.registry.list({ nameContains, maxResults: 2, pageToken });
    expect([...first.models, ...second.models].map(({ name }) => name)).toEqual(names);
    expect(second.nextPageToken).toBeUndefined();
  });

  it('that does not exist is null, and its versions MODEL_NOT_FOUND', async () => {
    const name = `none ${unique}`;
    expect(await direct.registry.find(name)).toBeNull();
    expect(await direct.registry.versionByAlias({ name, alias: 'champion' })).toBeNull();
    expect(await numbers(name)).toEqual([]);
    const missing = { code: 'MODEL_NOT_FOUND' };
    await expect(direct.registry.getVersion({ name, version: 1 })).rejects.toMatchObject(missing);
    await expect(
      direct.registry.setAlias({ name, alias: 'champion', version: 1 }),
    ).rejects.toMatchObject(missing);
    await expect(direct.registry.deleteAlias({ name, alias: 'champion' })).rejects.toMatchObject(
      missing,
    );
    const version = { name, ...(await newModel()) };
    await expect(ensureModelVersion(direct, version)).rejects.toMatchObject(missing);
  });
});

describe('a version', () => {
  it('is one, 20 times accepted, then cut; and the LoggedModel names it', async () => {
    const name = `cut ${unique}`;
    await ensureRegisteredModel(direct, { name });
    const { client } = await behind('/model-versions/create', 'commit-then-cut');
    const models = await Promise.all(Array.from({ length: 20 }, newModel));
    const versions = await Promise.all(
      models.map((model, i) =>
        ensureModelVersion(client, { name, ...model }, { neverAsked: i % 2 === 0 }),
      ),
    );
    const made = versions.map(({ version }) => version.version);
    expect(made.toSorted((a, b) => a - b)).toEqual((await numbers(name)).toReversed());
    expect(new Set(made).size).toBe(20);
    const { tags } = await direct.models.get(models[3]!.modelId);
    expect(JSON.parse(tags['mlflow.modelVersions']!)).toMatchObject([{ name }]);
  });

  it('that lands late is removed, unless it has an alias', async () => {
    const name = `late ${unique}`;
    await ensureRegisteredModel(direct, { name });
    const model = await newModel();
    const { client, proxy } = await behind('/model-versions/create', 'cut-then-commit');
    for (let i = 0; i < 2; i += 1) {
      await expect(ensureModelVersion(client, { name, ...model })).rejects.toMatchObject({
        code: 'MLFLOW_UNAVAILABLE',
      });
    }
    await proxy.setMode('ok');
    const { version } = await ensureModelVersion(client, { name, ...model });
    await proxy.release();
    expect(await numbers(name)).toEqual([3, 2, 1]);
    await direct.registry.setAlias({ name, alias: 'somebodys', version: 2 });
    const keep = version.version;
    expect(keep).toBe(1);
    expect(await reconcileModelVersions(direct, { name, ...model, keep })).toEqual([3]);
    expect(await numbers(name)).toEqual([2, 1]);
    expect(await reconcileModelVersions(direct, { name, ...model, keep })).toEqual([]);
  });

  it('has tags, an origin, and the alias of the moment', async () => {
    const name = `alias ${unique}`;
    await ensureRegisteredModel(direct, { name });
    const [one, two] = [await newModel(), await newModel()];
    const tags = { accuracy: '0.9' };
    const first = await ensureModelVersion(direct, { name, ...one, tags, description: 'd' });
    const second = await ensureModelVersion(direct, { name, ...two });
    expect(first.version).toMatchObject({ ...one, name, version: 1, tags, description: 'd' });
    await direct.registry.setVersionTags(second.version, { 'gate.passed': 'true', accuracy: '1' });
    const alias = { name, alias: 'champion' };
    expect(await direct.registry.versionByAlias(alias)).toBeNull();
    for (const { version } of [first, second, second]) {
      await direct.registry.setAlias({ ...alias, version: version.version });
    }
    expect(await direct.registry.versionByAlias(alias)).toMatchObject({
      ...{ version: 2, ...two, aliases: ['champion'] },
      tags: { 'gate.passed': 'true', accuracy: '1' },
    });
    expect((await direct.registry.find(name))?.aliases).toEqual({ champion: 2 });
    await direct.registry.deleteVersion({ name, version: 2 });
    await direct.registry.deleteVersion({ name, version: 2 });
    expect(await direct.registry.versionByAlias(alias)).toBeNull();
    await direct.registry.deleteAlias(alias);
    await direct.registry.deleteAlias(alias);
    expect((await direct.registry.find(name))?.aliases).toEqual({});
  });
});
