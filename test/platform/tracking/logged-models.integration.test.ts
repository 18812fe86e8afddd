import { afterEach, beforeAll, describe, expect, it } from 'vitest';

import {
  ensureLoggedModel,
  reconcileLoggedModels,
} from '../../../platform/tracking/ensure-logged-model.ts';
import { createMlflowClient } from '../../../platform/tracking/mlflow-client.ts';
import type { MlflowClient } from '../../../platform/tracking/tracking-types.ts';
import { startFaultProxy } from '../../support/fault-proxy.ts';
import type { Fault, FaultProxy, Mode } from '../../support/fault-proxy.ts';
import { useMlflow } from './server.ts';

const mlflow = useMlflow();
let direct: MlflowClient;
let experimentId: string;
let proxy: FaultProxy | undefined;

beforeAll(async () => {
  direct = createMlflowClient({ url: mlflow.url });
  experimentId = await direct.ensureExperiment(`models ${Date.now()}-${process.pid}`);
});
afterEach(async () => {
  await proxy?.close();
  proxy = undefined;
});

async function behind(mode: Mode) {
  proxy = await startFaultProxy({ target: mlflow.url, mode });
  const client = createMlflowClient({ url: proxy.url, timeoutMs: 20_000, backoffMs: 5 });
  return { client, proxy };
}
const at = (end: string, fault: Fault): Mode => {
  return ({ method, url }) => (`${method} ${url}`.endsWith(end) ? fault : 'ok');
};
const creating = (fault: Fault) => at('POST /api/2.0/mlflow/logged-models', fault);

const newRun = () => direct.createRun({ experimentId, runName: 'r', startTime: 1, tags: {} });
const identity = (runId: string, content = 'sha') => ({
  ...{ experimentId, runId, name: 'model', content },
  ...{ modelType: 'classifier', params: { C: '1' }, tags: { caller: 'test' } },
});
const ids = async (runId: string) =>
  (await direct.models.madeBy(identity(runId))).map(({ modelId }) => modelId);

describe('one model, whatever happens to the request that creates it', () => {
  it('30 times accepted, then cut', async () => {
    const { client } = await behind(creating('commit-then-cut'));
    const runs = await Promise.all(Array.from({ length: 30 }, newRun));
    const ensured = await Promise.all(
      runs.map(({ runId }, i) =>
        ensureLoggedModel(client.models, identity(runId), { neverAsked: i % 2 === 0 }),
      ),
    );
    const left = await Promise.all(runs.map(({ runId }) => ids(runId)));
    expect(left).toEqual(ensured.map(({ model }) => [model.modelId]));
  });

  it.each(['reset', '500', 'overload-400'] as const)(
    'after %s, at the next attempt',
    async (fault) => {
      const { runId } = await newRun();
      const { client, proxy } = await behind(creating(fault));
      await expect(ensureLoggedModel(client.models, identity(runId))).rejects.toMatchObject({
        code: 'MLFLOW_UNAVAILABLE',
      });
      expect(await ids(runId)).toEqual([]);
      await proxy.setMode('ok');
      const { model } = await ensureLoggedModel(client.models, identity(runId));
      expect(await ids(runId)).toEqual([model.modelId]);
    },
  );

  it('that lands after all is over: the model that the run used stays', async () => {
    const { runId } = await newRun();
    const { client, proxy } = await behind(creating('cut-then-commit'));
    await expect(ensureLoggedModel(client.models, identity(runId))).rejects.toMatchObject({
      code: 'MLFLOW_UNAVAILABLE',
    });
    await proxy.setMode('ok');
    const { model } = await ensureLoggedModel(client.models, identity(runId));
    const other = await ensureLoggedModel(client.models, identity(runId, 'mended data'));
    await proxy.release();
    expect(await ids(runId)).toHaveLength(3);
    const keep = model.modelId;
    const deleted = await reconcileLoggedModels(client.models, { ...identity(runId), keep });
    expect(deleted).toHaveLength(2);
    expect(deleted).toContain(other.model.modelId);
    expect(await ids(runId)).toEqual([keep]);
    expect(await reconcileLoggedModels(client.models, { ...identity(runId), keep })).toEqual([]);
  });
});

describe('a model', () => {
  it('is made, measured, linked and finalized; a second time changes nothing', async () => {
    const run = await newRun();
    const { runId } = run;
    const dataset = { name: 'train.csv (test)', digest: 'abc' };
    async function attempt() {
      const { model } = await ensureLoggedModel(direct.models, identity(runId));
      const { modelId } = model;
      await direct.models.setTags(modelId, { proof: 'passed' });
      await direct.models.linkToRun({ modelId, runId });
      const metrics = Array.from({ length: 150 }, (_, i) => ({
        ...{ key: `f1_${i}`, value: i === 7 ? NaN : i / 150, timestamp: 5 },
        model: { id: modelId, dataset },
      }));
      await direct.logBatch(runId, { metrics });
      return direct.models.finalize(modelId, 'READY');
    }
    const first = await attempt();
    const second = await attempt();
    expect(second.modelId).toBe(first.modelId);

    const model = await direct.models.get(first.modelId);
    expect(model).toMatchObject({
      ...{ status: 'READY', name: 'model', modelType: 'classifier', sourceRunId: runId },
      artifactUri: `mlflow-artifacts:/${experimentId}/models/${first.modelId}/artifacts`,
      tags: { caller: 'test', proof: 'passed', 'model.content': 'sha' },
      params: { C: '1' },
    });
    expect(model.metrics).toHaveLength(150);
    expect(model.metrics.find(({ key }) => key === 'f1_30')).toEqual({
      ...{ key: 'f1_30', value: 0.2, timestamp: 5, step: 0, runId },
      ...{ datasetName: dataset.name, datasetDigest: dataset.digest },
    });
    const after = await direct.getRun(runId);
    expect(after.modelOutputs).toEqual([first.modelId]);
    expect(after.metrics['f1_30']).toBe(0.2);
    expect(await direct.metricHistory(runId, 'f1_30')).toHaveLength(1);
  });

  it('is linked once, whatever happens to the request', async () => {
    const { runId } = await newRun();
    const { model } = await ensureLoggedModel(direct.models, identity(runId));
    const link = { modelId: model.modelId, runId };
    const { client, proxy } = await behind(at('/runs/outputs', 'commit-then-cut'));
    await client.models.linkToRun(link);
    await proxy.setMode(at('/runs/outputs', '500'));
    await client.models.linkToRun(link);
    expect((await direct.getRun(runId)).modelOutputs).toEqual([model.modelId]);
  });

  it('may be finalized as FAILED', async () => {
    const { runId } = await newRun();
    const { model } = await ensureLoggedModel(direct.models, identity(runId));
    expect((await direct.models.finalize(model.modelId, 'FAILED')).status).toBe('FAILED');
  });

  it('that does not exist is MODEL_NOT_FOUND', async () => {
    const { runId } = await newRun();
    const missing = { code: 'MODEL_NOT_FOUND' };
    await expect(direct.models.get('m-none')).rejects.toMatchObject(missing);
    await expect(direct.models.finalize('m-none', 'READY')).rejects.toMatchObject(missing);
    await expect(direct.models.setTags('m-none', { a: 'b' })).rejects.toMatchObject(missing);
    await direct.models.delete('m-none');
    const link = { modelId: 'm-none', runId: 'f'.repeat(32) };
    await expect(direct.models.linkToRun(link)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    expect(await direct.models.madeBy(identity(runId))).toEqual([]);
  });

  it('is not made in an experiment that was deleted', async () => {
    const name = `models deleted ${Date.now()}`;
    const gone = await direct.ensureExperiment(name);
    const run = await direct.createRun({
      experimentId: gone,
      runName: 'r',
      startTime: 1,
      tags: {},
    });
    const deleted = await fetch(`${mlflow.url}/api/2.0/mlflow/experiments/delete`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ experiment_id: gone }),
    });
    expect(deleted.ok).toBe(true);
    const made = ensureLoggedModel(direct.models, { ...identity(run.runId), experimentId: gone });
    await expect(made).rejects.toMatchObject({
      code: 'MLFLOW_REFUSED',
      message: 'The experiment was deleted in MLflow.',
    });
    await expect(direct.logBatch(run.runId, { params: { C: '1' } })).rejects.toMatchObject({
      code: 'MLFLOW_REFUSED',
      message: 'The run was deleted in MLflow.',
      hint: expect.stringContaining('experiment') as string,
    });
  });
});
