import { Failure } from '../../schemas/failure.ts';
import { TAGS } from '../../schemas/names.ts';
import type { GetRunDependencies, RunName } from './get-run.ts';
import { WORKFLOW_ID } from './tenancy.ts';
import { readWorkflow, type WorkflowRecord } from './workflow-record.ts';

/** The workflow of a run, by its MLflow id or its own. @throws Failure RUN_NOT_FOUND */
export async function workflowIdOf(deps: GetRunDependencies, name: RunName): Promise<string> {
  if (WORKFLOW_ID.test(name.run_id)) return name.run_id;
  const { tags } = await deps.tracking(name.tracking_uri).getRun(name.run_id);
  const workflowId = tags[TAGS.workflowId];
  if (workflowId !== undefined && WORKFLOW_ID.test(workflowId)) return workflowId;
  throw notOurs();
}

/**
 * What Temporal holds of that workflow; undefined for an MLflow run whose workflow it holds no longer.
 * @throws Failure RUN_NOT_FOUND, also when the workflow knows nothing of the MLflow run that bears its tag
 */
export async function readNamedWorkflow(
  deps: GetRunDependencies,
  name: RunName,
  workflowId: string,
): Promise<WorkflowRecord | undefined> {
  const record = await readWorkflow(deps, workflowId);
  const byWorkflowId = name.run_id === workflowId;
  if (!record && byWorkflowId) {
    throw new Failure(
      'RUN_NOT_FOUND',
      'Temporal holds no run of that workflow_id.',
      'It is misspelt, or its history is over its retention; mlflow_list_runs has the runs in MLflow.',
    );
  }
  const opened = record?.opened?.runId;
  if (!byWorkflowId && opened !== undefined && opened !== name.run_id) throw notOurs();
  return record;
}

function notOurs(): Failure {
  return new Failure(
    'RUN_NOT_FOUND',
    'No experiment of this service made the MLflow run of that id.',
    'Use the run_id or workflow_id that mlflow_run_experiment returned.',
  );
}
