import { createHash } from 'node:crypto';

import {
  ensureLoggedModel,
  reconcileLoggedModels,
} from '../../platform/tracking/ensure-logged-model.ts';
import type { LoggedModel } from '../../platform/tracking/logged-model-answers.ts';
import type { CallOptions, MlflowClient } from '../../platform/tracking/tracking-types.ts';
import type { LoggedModelRef, LogInput, ModelProof, OpenedRun } from '../../schemas/experiment.ts';
import { Failure } from '../../schemas/failure.ts';
import { TAGS } from '../../schemas/names.ts';
import type { ExportedModel } from '../compute/export-model.ts';
import { testBytes } from '../compute/memory-estimates.ts';
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

type Deps = Pick<ActivityDependencies, 'compute' | 'codeVersion'>;

/** Stores the run's model in MLflow, proven; warns of one that is no use elsewhere. */
export async function logModel(
  deps: Deps,
  client: MlflowClient,
  { input, paths }: { readonly input: LogInput; readonly paths: ResultPaths },
): Promise<{ model: LoggedModelRef; warnings: string[] }> {
  const logged = await openModel(deps, client, input);
  const exported = await exportModel(deps, { input, paths, logged });
  const model = await storeModel(client, input.run, { logged, ...exported });
  return { model, warnings: proofWarnings(exported.proof) };
}

/** The run's LoggedModel, still PENDING unless an earlier attempt came further. */
async function openModel(
  { codeVersion }: Pick<Deps, 'codeVersion'>,
  client: MlflowClient,
  { run, request, model, reset }: LogInput,
): Promise<LoggedModel> {
  const { attempt, signal } = stepContext();
  const identity = { experimentId: run.experimentId, runId: run.runId, name: MODEL_NAME };
  const params = Object.entries(request.params).map(([key, value]) => [key, String(value)]);
  const { model: logged, sole } = await ensureLoggedModel(
    client.models,
    {
      ...identity,
      content: model.blob.sha256,
      modelType: 'classifier',
      params: Object.fromEntries(params) as Record<string, string>,
      tags: { [TAGS.codeVersion]: codeVersion, 'model.kind': request.model },
    },
    { signal, neverAsked: attempt === 1 && reset === false },
  );
  if (!sole) {
    await reconcileLoggedModels(client.models, { ...identity, keep: logged.modelId }, { signal });
  }
  return logged;
}

/**
 * Stores the model's files. It becomes READY when its stored file is whole and, in ONNX Runtime,
 * gives the predictions that the run is measured by; FAILED otherwise.
 */
async function storeModel(
  client: MlflowClient,
  run: OpenedRun,
  { logged, files, proof }: { logged: LoggedModel } & ExportedModel,
): Promise<LoggedModelRef> {
  const { signal } = stepContext();
  await putFiles(client, logged.artifactUri, files, { signal });
  const given = files.find(({ path }) => path === MODEL_FILE)?.bytes ?? new Uint8Array();
  await checkStored(client, logged, { files, given }, { signal });
  const { modelId } = logged;
  await Promise.all([
    client.models.linkToRun({ modelId, runId: run.runId }, { signal }),
    client.models.finalize(modelId, proof.passed ? 'READY' : 'FAILED', { signal }),
  ]);
  return { modelId, bytes: given.length, proof };
}

/** The files of the model's directory, equal for every attempt of the step, and how it compares. */
function exportModel(
  { compute }: Pick<Deps, 'compute'>,
  {
    input: { run, validated, dataset, split, model },
    paths,
    logged,
  }: { input: LogInput; paths: ResultPaths; logged: LoggedModel },
): Promise<ExportedModel> {
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
    { signal, memoryBytes: testBytes(dataset, split, model), onSpent: spend },
  );
}

/**
 * Reads the model back from where everybody will, and looks at the sizes of the other files.
 * @throws Failure MLFLOW_UNAVAILABLE when they are others
 */
async function checkStored(
  client: MlflowClient,
  { artifactUri }: LoggedModel,
  { files, given }: { readonly files: readonly DirectoryFile[]; readonly given: Uint8Array },
  options: CallOptions,
): Promise<void> {
  const [found, sizes] = await Promise.all([
    client.getArtifact(
      { artifactUri, path: MODEL_FILE },
      { ...options, maxBytes: given.length + 1 },
    ),
    client.artifactSizes({ artifactUri, paths: files.map(({ path }) => path) }, options),
  ]);
  const whole = files.every(({ path, bytes }) => sizes.get(path) === bytes.length);
  if (whole && found.equals(given)) return;
  throw new Failure(
    'MLFLOW_UNAVAILABLE',
    'MLflow does not give back the model that it was given.',
    'Check its artifact store; the step is tried again.',
  );
}

function proofWarnings(proof: ModelProof): string[] {
  if (proof.passed) return [];
  return [
    `The exported model is marked as failed: of ${proof.rows} test rows it labels ` +
      `${proof.differentLabels} otherwise, and probabilities differ by up to ` +
      `${proof.largestDifference.toPrecision(3)}. The metrics stand; do not deploy the model.`,
  ];
}

/** The same model of the same run always has the same id. */
function uuidOf(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('/')).digest('hex').slice(0, 32);
}
