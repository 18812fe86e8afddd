import { Failure } from '../../schemas/failure.ts';
import type { GetRunDependencies, RunName } from './get-run.ts';
import { WORKFLOW_ID } from './tenancy.ts';
import { readWorkflow } from './workflow-record.ts';

/** The largest that is handed out; a report's own files have some hundred kilobytes at most. */
const MOST_BYTES = 1 << 20;

/** One file of a run's report; see {@link Experiments.reportFile}. */
export async function reportFile(
  deps: GetRunDependencies,
  run: RunName,
  name: string,
): Promise<Buffer> {
  const client = deps.tracking(run.tracking_uri);
  const byWorkflow = WORKFLOW_ID.test(run.run_id);
  const runId = byWorkflow ? (await readWorkflow(deps, run.run_id))?.opened?.runId : run.run_id;
  if (runId === undefined) throw noReport();
  const { artifactUri } = await client.getRun(runId);
  return client.getArtifact({ artifactUri, path: `report/${name}` }, { maxBytes: MOST_BYTES });
}

function noReport(): Failure {
  return new Failure(
    'RUN_NOT_FOUND',
    'There is no MLflow run of that id.',
    'A run has its report when its log step is done; mlflow_get_run shows how far it is.',
  );
}
