import type { MlflowClient, TrackedRun } from '../../platform/tracking/tracking-types.ts';
import { Failure } from '../../schemas/failure.ts';
import { TAGS } from '../../schemas/names.ts';
import type { ArtifactsToErase } from './erasure-dependencies.ts';

/** What proves the run, and holds nothing of its data. */
const RECEIPT = 'audit/receipt.json';

export interface RunArtifacts {
  readonly artifacts: readonly ArtifactsToErase[];
  readonly models: readonly string[];
  readonly remarks: readonly string[];
}

/** The files of a run and of its models in MLflow, but for the run's receipt. */
export async function runArtifacts(client: MlflowClient, run: TrackedRun): Promise<RunArtifacts> {
  const models = await modelsOf(client, run);
  const roots = [run, ...models].map(({ artifactUri }) => artifactUri);
  const artifacts: ArtifactsToErase[] = [];
  const remarks: string[] = [];
  for (const artifactUri of roots) {
    try {
      const all = await client.artifactsBelow(artifactUri);
      const paths = all.filter((path) => path !== RECEIPT);
      if (paths.length > 0) artifacts.push({ artifactUri, paths });
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'MLFLOW_REFUSED') throw error;
      remarks.push(`${artifactUri} can’t be erased from here: ${error.message}`);
    }
  }
  return { artifacts, models: models.map(({ modelId }) => modelId), remarks };
}

async function modelsOf(client: MlflowClient, run: TrackedRun) {
  if (!(await client.supportsLoggedModels())) return [];
  const { experimentId, runId } = run;
  const made = await client.models.madeBy({ experimentId, runId, name: 'model' });
  const named = [...run.modelOutputs, run.tags[TAGS.modelId] ?? ''].filter(
    (id) => id !== '' && !made.some(({ modelId }) => modelId === id),
  );
  for (const id of new Set(named)) {
    const model = await client.models.get(id).catch(unlessGone);
    // A reused run names another’s model.
    if (model?.sourceRunId === runId) made.push(model);
  }
  return made;
}

function unlessGone(error: unknown): undefined {
  if (!(error instanceof Failure) || error.code !== 'MODEL_NOT_FOUND') throw error;
}
