import type { MlflowClient } from '../../../platform/tracking/mlflow-client.ts';
import { Failure } from '../../../schemas/failure.ts';

/** More files than a run ever has of ours. */
const MOST_FILES = 10_000;

/** What MLflow holds of runs now; in its place a sentence, where it is away or the run is gone. */
export async function mlflowRuns(
  client: MlflowClient,
  runIds: readonly string[],
): Promise<readonly object[]> {
  const runs: object[] = [];
  for (const runId of runIds) {
    try {
      const run = await client.getRun(runId);
      const models = await Promise.all(run.modelOutputs.map((id) => modelOf(client, id)));
      runs.push({ run, artifacts: await artifactsOf(client, runId), models });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      runs.push({
        run_id: runId,
        note: `MLflow has nothing to show of this run: ${error.message}`,
      });
    }
  }
  return runs;
}

/** A logged model, or in its place a sentence: an erased one takes nothing else of its run with it. */
async function modelOf(client: MlflowClient, id: string): Promise<object> {
  try {
    return await client.models.get(id);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { model_id: id, note: `MLflow does not show this model: ${error.message}` };
  }
}

async function artifactsOf(client: MlflowClient, runId: string) {
  const files: { readonly path: string; readonly bytes: number | null }[] = [];
  const folders: (string | undefined)[] = [undefined];
  while (folders.length > 0 && files.length < MOST_FILES) {
    const path = folders.pop();
    const entries = await client.listArtifacts(runId, path === undefined ? {} : { path });
    for (const entry of entries) {
      if (entry.isFolder) folders.push(entry.path);
      else files.push({ path: entry.path, bytes: entry.bytes });
    }
  }
  return files;
}
