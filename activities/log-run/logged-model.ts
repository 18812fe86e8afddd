import { createHash } from 'node:crypto';

import {
  ensureLoggedModel,
  reconcileLoggedModels,
} from '../../platform/tracking/ensure-logged-model.ts';
import type { LoggedModel } from '../../platform/tracking/logged-model-answers.ts';
import type { CallOptions, MlflowClient } from '../../platform/tracking/tracking-types.ts';
import type { LoggedModelRef, LogInput, ModelProof } from '../../schemas/experiment.ts';
import { TAGS } from '../../schemas/names.ts';
import type { ResultPaths } from '../compute/tasks.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { decodeFeatureTypes } from '../feature-types.ts';
import type { DirectoryFile } from '../model-directory/directory-file.ts';
import { MODEL_FILE } from '../model-directory/mlmodel.ts';
import { stepContext } from '../step-context.ts';
import { putFiles } from './artifact-files.ts';

/** What a user installs to load the model; the versions that its tests ran with. */
const VERSIONS = {
  python: '3.11.7',
  mlflow: '3.17.2',
  onnx: '1.23.2',
  onnxruntime: '1.32.0',
} as const;

/** The name by which `runs:/<run>/model` finds it. */
export const MODEL_NAME = 'model';

/**
 * Stores the model as MLflow's LoggedModel. It becomes READY when its stored file is whole and, in
 * ONNX Runtime, gives the predictions that the run is measured by; FAILED otherwise.
 */
export async function logModel(
  deps: Pick<ActivityDependencies, 'compute' | 'codeVersion'>,
  client: MlflowClient,
  { input, paths }: { readonly input: LogInput; readonly paths: ResultPaths },
): Promise<LoggedModelRef> {
  const { attempt, signal } = stepContext();
  const { run, request, model } = input;
  const identity = { experimentId: run.experimentId, runId: run.runId, name: MODEL_NAME };
  const { model: logged, sole } = await ensureLoggedModel(
    client.models,
    {
      ...identity,
      content: model.blob.sha256,
      modelType: 'classifier',
      params: Object.fromEntries(
        Object.entries(request.params).map(([key, value]) => [key, String(value)]),
      ),
      tags: { [TAGS.codeVersion]: deps.codeVersion, 'model.kind': request.model },
    },
    { signal, neverAsked: attempt === 1 && input.reset === false },
  );
  if (!sole) {
    await reconcileLoggedModels(client.models, { ...identity, keep: logged.modelId }, { signal });
  }
  const { files, proof } = await exportModel(deps, { input, paths, logged });
  await putFiles(client, logged.artifactUri, files, { signal });
  const stored = await isStored(client, logged, files, { signal });
  const passed = proof.passed && stored;
  await Promise.all([
    client.models.setTags(logged.modelId, proofTags(proof), { signal }),
    client.models.linkToRun({ modelId: logged.modelId, runId: run.runId }, { signal }),
  ]);
  await client.models.finalize(logged.modelId, passed ? 'READY' : 'FAILED', { signal });
  return { modelId: logged.modelId, proof: { ...proof, passed } };
}

/** The files of the model's directory, equal for every attempt of the step, and how it compares. */
function exportModel(
  { compute }: Pick<ActivityDependencies, 'compute'>,
  {
    input: { run, validated, model },
    paths,
    logged,
  }: { input: LogInput; paths: ResultPaths; logged: LoggedModel },
): Promise<{ files: DirectoryFile[]; proof: ModelProof }> {
  const { signal, scheduledAt, spend } = stepContext();
  return compute.run(
    'export',
    {
      paths,
      versions: VERSIONS,
      columnTypes: decodeFeatureTypes(validated.featureTypes),
      identity: {
        runId: run.runId,
        artifactPath: logged.artifactUri,
        modelUuid: uuidOf(run.runId, model.blob.sha256),
        modelId: logged.modelId,
        utcTimeCreated: new Date(scheduledAt),
      },
    },
    { signal, onSpent: spend },
  );
}

/** Reads the model back from where everybody will. */
async function isStored(
  client: MlflowClient,
  { artifactUri }: LoggedModel,
  files: readonly DirectoryFile[],
  options: CallOptions,
): Promise<boolean> {
  const file = files.find(({ path }) => path === MODEL_FILE);
  if (!file) return false;
  const found = await client.getArtifact(
    { artifactUri, path: MODEL_FILE },
    { ...options, maxBytes: Math.max(file.bytes.length, 1024) },
  );
  return found.equals(file.bytes);
}

function proofTags({ rows, differentLabels, largestDifference }: ModelProof) {
  return {
    'proof.rows': String(rows),
    'proof.different_labels': String(differentLabels),
    'proof.largest_difference': String(largestDifference),
  };
}

/** The same model of the same run always has the same id. */
function uuidOf(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('/')).digest('hex').slice(0, 32);
}
