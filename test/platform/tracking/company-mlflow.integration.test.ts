import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ensureLoggedModel } from '../../../platform/tracking/ensure-logged-model.ts';
import {
  ensureModelVersion,
  ensureRegisteredModel,
} from '../../../platform/tracking/ensure-model-version.ts';
import { createMlflowClient } from '../../../platform/tracking/mlflow-client.ts';
import type { MlflowClient } from '../../../platform/tracking/tracking-types.ts';
import { startMlflow } from './server.ts';

type Started = Awaited<ReturnType<typeof startMlflow>>;

/** All that a run leaves in MLflow. */
async function wholeRun(client: MlflowClient, experiment: string, name: string) {
  const experimentId = await client.ensureExperiment(experiment);
  const run = await client.createRun({ experimentId, runName: 'r', startTime: 1, tags: {} });
  const { runId } = run;
  const identity = { experimentId, runId, name: 'model', content: 'sha' };
  const { model } = await ensureLoggedModel(client.models, identity);
  const content = Buffer.from('flavors: {}\n');
  for (const { artifactUri } of [run, model]) {
    await client.putArtifact({ artifactUri, path: 'folder/MLmodel', content });
    const sizes = await client.artifactSizes({ artifactUri, paths: ['folder/MLmodel'] });
    expect([...sizes.values()]).toEqual([content.length]);
    expect(await client.getArtifact({ artifactUri, path: 'folder/MLmodel' })).toEqual(content);
  }
  const link = { modelId: model.modelId, runId };
  await client.models.linkToRun(link);
  await client.models.finalize(model.modelId, 'READY');
  await client.logBatch(runId, {
    metrics: [{ key: 'm', value: 1, timestamp: 1 }],
    params: { C: '1' },
  });
  await ensureRegisteredModel(client, { name });
  const { version } = await ensureModelVersion(client, { name, ...link });
  await client.registry.setAlias({ name, alias: 'champion', version: version.version });
  await client.updateRun({ runId, status: 'FINISHED', endTime: 2 });
  expect(await client.registry.versionByAlias({ name, alias: 'champion' })).toMatchObject(link);
  return { ...run, ...link };
}

describe('an MLflow with users', () => {
  let folder: string;
  let mlflow: Started;
  const as = (username: string, password = `${username}-password-1234`) =>
    createMlflowClient({ url: mlflow.url, credentials: { username, password } });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mlflow-auth-'));
    const settings = [
      '[mlflow]',
      'default_permission = NO_PERMISSIONS',
      `database_uri = sqlite:///${folder}/users.db`,
      'admin_username = admin',
      'admin_password = admin-password-1234',
      'authorization_function = mlflow.server.auth:authenticate_request_basic_auth',
      // Each request's password costs MLflow a third of a second otherwise.
      'auth_cache_ttl_seconds = 600',
    ];
    await writeFile(join(folder, 'auth.ini'), settings.join('\n'));
    mlflow = await startMlflow({
      flags: ['--app-name', 'basic-auth'],
      env: {
        MLFLOW_AUTH_CONFIG_PATH: join(folder, 'auth.ini'),
        MLFLOW_FLASK_SERVER_SECRET_KEY: 'for-tests-only',
      },
    });
    for (const username of ['eva', 'tom']) {
      const response = await fetch(`${mlflow.url}/api/2.0/mlflow/users/create`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from('admin:admin-password-1234').toString('base64')}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ username, password: `${username}-password-1234` }),
      });
      expect(response.status).toBe(200);
    }
  });
  afterAll(async () => {
    await mlflow.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('takes a run, its model and a version from somebody who may', async () => {
    await wholeRun(as('eva'), 'of eva', 'evas model');
  });

  it('says what to do to somebody who may not', async () => {
    const { runId, artifactUri, experimentId, modelId } = await wholeRun(
      as('eva'),
      'closed',
      'closed model',
    );
    const tom = as('tom');
    const content = Buffer.from('x');
    const refused = await Promise.allSettled([
      tom.ensureExperiment('closed'),
      tom.createRun({ experimentId, runName: 'r', startTime: 1, tags: {} }),
      tom.getRun(runId),
      tom.logBatch(runId, { params: { D: '1' } }),
      tom.putArtifact({ artifactUri, path: 'x', content }),
      tom.getArtifact({ artifactUri, path: 'folder/MLmodel' }),
      tom.models.get(modelId),
      tom.models.create({ experimentId, name: 'model', runId }),
      tom.models.finalize(modelId, 'FAILED'),
      ensureRegisteredModel(tom, { name: 'closed model' }),
      tom.registry.setAlias({ name: 'closed model', alias: 'champion', version: 1 }),
    ]);
    expect(refused).toHaveLength(11);
    for (const outcome of refused) {
      expect(outcome).toMatchObject({
        reason: { code: 'MLFLOW_DENIED', hint: expect.stringContaining('EDIT') as string },
      });
    }
    const search = { experimentIds: [experimentId], maxResults: 10 };
    expect((await tom.searchRuns(search)).runs).toEqual([]);
    expect((await as('eva').searchRuns(search)).runs).toHaveLength(1);
  });

  it('says so when the credentials are wrong or missing', async () => {
    for (const stranger of [as('eva', 'wrong'), createMlflowClient({ url: mlflow.url })]) {
      await expect(stranger.health()).rejects.toMatchObject({
        code: 'MLFLOW_DENIED',
        hint: expect.stringContaining('MLFLOW_TRACKING_USERNAME') as string,
      });
    }
  });
});

describe('an MLflow with workspaces', () => {
  let mlflow: Started;
  const inside = (workspace?: string) => createMlflowClient({ url: mlflow.url, workspace });

  beforeAll(async () => {
    mlflow = await startMlflow({ flags: ['--enable-workspaces'] });
    const response = await fetch(`${mlflow.url}/api/3.0/mlflow/workspaces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'team-a' }),
    });
    expect(response.status).toBe(201);
  });
  afterAll(() => mlflow.stop());

  it('keeps a run, its model and a version in the workspace of the settings', async () => {
    const run = await wholeRun(inside('team-a'), 'same name', 'model');
    expect(run.artifactUri).toContain('/workspaces/team-a/');
    expect(await inside().experiments.byName('same name')).toBeNull();
    await expect(inside().getRun(run.runId)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    expect(await inside().registry.find('model')).toBeNull();
    await wholeRun(inside(), 'same name', 'model');
  });

  it('says so when there is no such workspace', async () => {
    const client = inside('team-b');
    const outcomes = await Promise.allSettled([
      client.health(),
      client.ensureExperiment('e'),
      client.experiments.byName('e'),
      client.getRun('f'.repeat(32)),
      client.registry.find('model'),
      client.models.get('m-1'),
    ]);
    expect(outcomes).toHaveLength(6);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        reason: {
          code: 'MLFLOW_REFUSED',
          hint: expect.stringContaining('MLFLOW_WORKSPACE') as string,
        },
      });
    }
  });
});
