import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, inject, it } from 'vitest';

import {
  ensureLoggedModel,
  reconcileLoggedModels,
} from '../../../platform/tracking/ensure-logged-model.ts';
import {
  ensureModelVersion,
  ensureRegisteredModel,
} from '../../../platform/tracking/ensure-model-version.ts';
import { createMlflowClient } from '../../../platform/tracking/mlflow-client.ts';
import type { MlflowClient } from '../../../platform/tracking/tracking-types.ts';
import type {} from '../../support/provided.ts';
import { useMlflow } from './server.ts';

const mlflow = useMlflow();
const unique = `${Date.now()}-${process.pid}`;
let client: MlflowClient;
let folder: string;

async function python(program: string, ...args: readonly string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(inject('python'), ['-c', program, ...args], {
    env: { ...process.env, MLFLOW_TRACKING_URI: mlflow.url },
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(stdout.split('\n').findLast((line) => line !== '') ?? 'null');
}

/** Two models as MLflow saves them: the sum of two columns, and of twice that. */
const SAVE = `
import sys, mlflow, pandas as pd
from onnx import helper, TensorProto
for factor in (1.0, 2.0):
    x = helper.make_tensor_value_info("X", TensorProto.FLOAT, [None, 2])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 1])
    weights = helper.make_tensor("w", TensorProto.FLOAT, [2, 1], [factor, factor])
    graph = helper.make_graph([helper.make_node("MatMul", ["X", "w"], ["y"])], "g", [x], [y], [weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    frame = pd.DataFrame({"a": [1.0], "b": [3.0]})
    signature = mlflow.models.infer_signature(frame, pd.DataFrame({"y": [4.0]}))
    mlflow.onnx.save_model(model, f"{sys.argv[1]}/{int(factor)}", signature=signature, pip_requirements=["onnx"])
print("null")
`;

/** What somebody finds who has MLflow's own client and two ids. */
const FIND = `
import json, sys, mlflow, pandas as pd
run_id, model_id, name = sys.argv[1:4]
client = mlflow.MlflowClient()
frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
def predict(uri):
    return [float(v) for v in mlflow.pyfunc.load_model(uri).predict(frame)["y"]]
run = client.get_run(run_id)
[found] = [m for m in client.search_logged_models([run.info.experiment_id]) if m.source_run_id == run_id]
print(json.dumps({
    "predictions": {u: predict(u.format(run_id=run_id, model_id=model_id, name=name)) for u in
        ["models:/{model_id}", "runs:/{run_id}/model", "models:/{name}/1", "models:/{name}@champion"]},
    "outputs": [o.model_id for o in run.outputs.model_outputs],
    "inputs": sorted([i.dataset.name, i.tags[0].value] for i in run.inputs.dataset_inputs),
    "files": sorted(f.path for f in client.list_artifacts(run_id, "model")),
    "model": [found.model_id, str(found.status), found.model_type, found.params, found.tags["kind"]],
    "metrics": [[m.key, m.value, m.dataset_name] for m in found.metrics],
    "registered": [v["name"] for v in json.loads(found.tags["mlflow.modelVersions"])],
}))
`;

beforeAll(async () => {
  client = createMlflowClient({ url: mlflow.url });
  folder = await mkdtemp(join(tmpdir(), 'models-'));
  await python(SAVE, folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('MLflow’s own client finds and loads what ours has logged', async () => {
  const experimentId = await client.ensureExperiment(`python ${unique}`);
  const { runId } = await client.createRun({ experimentId, runName: 'r', startTime: 1, tags: {} });
  const identity = { experimentId, runId, name: 'model', modelType: 'classifier' };
  const dataset = { name: 'test.csv', digest: 'abc' };

  async function log(source: string) {
    const { model } = await ensureLoggedModel(client.models, {
      ...{ ...identity, content: source, params: { C: '1' }, tags: { kind: 'logreg' } },
    });
    const { artifactUri, modelId } = model;
    for (const path of await readdir(join(folder, source))) {
      const file = join(folder, source, path);
      await client.putArtifact({ artifactUri, path, content: { file } });
    }
    await client.models.finalize(modelId, 'READY');
    return modelId;
  }
  // The run is reset after its data were mended: the second model takes the first one's place.
  const first = await log('1');
  const modelId = await log('2');
  await client.models.linkToRun({ modelId, runId });
  expect(await reconcileLoggedModels(client.models, { ...identity, keep: modelId })).toEqual([
    first,
  ]);
  await client.logInputs(runId, [
    { ...dataset, sourceType: 'local', source: {}, context: 'testing' },
    { name: 'train.csv', digest: 'x', sourceType: 'sql', source: {}, context: 'training' },
  ]);
  await client.logBatch(runId, {
    metrics: [{ key: 'accuracy', value: 0.75, timestamp: 1, model: { id: modelId, dataset } }],
  });
  const name = `sums ${unique}`;
  await ensureRegisteredModel(client, { name });
  const { version } = await ensureModelVersion(client, { name, runId, modelId });
  await client.registry.setAlias({ name, alias: 'champion', version: version.version });

  const sums = [8, 12];
  expect(await python(FIND, runId, modelId, name)).toEqual({
    predictions: {
      'models:/{model_id}': sums,
      // All of its files are at the LoggedModel, none at the run.
      'runs:/{run_id}/model': sums,
      'models:/{name}/1': sums,
      'models:/{name}@champion': sums,
    },
    outputs: [modelId],
    inputs: [
      ['test.csv', 'testing'],
      ['train.csv', 'training'],
    ],
    files: (await readdir(join(folder, '2'))).map((path) => `model/${path}`).toSorted(),
    model: [modelId, 'READY', 'classifier', { C: '1' }, 'logreg'],
    metrics: [['accuracy', 0.75, 'test.csv']],
    registered: [name],
  });
  expect(await client.listArtifacts(runId)).toEqual([]);
});
