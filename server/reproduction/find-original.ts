import type { MlflowClient } from '../../platform/tracking/tracking-types.ts';
import { Failure } from '../../schemas/failure.ts';
import { TAGS } from '../../schemas/names.ts';
import { WORKFLOW_ID } from '../experiments/tenancy.ts';
import { createDecoder } from '../experiments/workflow-record.ts';
import { readHistories, type ReadHistoryDependencies } from './read-histories.ts';
import { runRecord, type RunRecord } from './run-record.ts';

export interface FindRunDependencies extends ReadHistoryDependencies {
  /** The client for a tracking_uri; the default one for undefined. @throws Failure */
  readonly tracking: (uri: string | undefined) => Pick<MlflowClient, 'getRun'>;
  /** The workflow that the audit log knows an MLflow run by; undefined when it knows none. */
  readonly auditedWorkflow: (runId: string) => Promise<string | undefined>;
}

/**
 * The record of the run of that id, MLflow’s or its workflow’s, as it is now.
 * @throws Failure RUN_NOT_FOUND
 */
export async function findRun(deps: FindRunDependencies, id: string): Promise<RunRecord> {
  if (WORKFLOW_ID.test(id)) return recordOf(deps, id, () => true);
  return recordOfRun(deps, id, undefined);
}

/**
 * The run to be reproduced: one that has ended by itself, in the place of one that used its results again.
 * @throws Failure RUN_NOT_FOUND, RUN_STILL_RUNNING, RUN_NOT_RETRYABLE
 */
export async function findOriginal(deps: FindRunDependencies, id: string): Promise<RunRecord> {
  const found = await findRun(deps, id);
  const { reusedRun, request } = found;
  const original =
    reusedRun === undefined
      ? found
      : await recordOfRun(deps, reusedRun, request.trackingUri ?? undefined);
  if (original.end.status === 'RUNNING') {
    throw new Failure(
      'RUN_STILL_RUNNING',
      'The run is still going.',
      'Reproduce it when it has ended; mlflow_get_run waits for that.',
    );
  }
  if (original.end.status === 'STOPPED') {
    throw new Failure(
      'RUN_NOT_RETRYABLE',
      'The run was cancelled, terminated or timed out: it came to nothing that a rerun could be held against.',
      'Retry it with mlflow_retry_run, or start it anew.',
    );
  }
  return original;
}

/** By its id a workflow may be another’s successor: an idempotency key can come again when Temporal has forgotten it. */
async function recordOfRun(
  deps: FindRunDependencies,
  runId: string,
  trackingUri: string | undefined,
): Promise<RunRecord> {
  const workflowId = await workflowOf(deps, runId, trackingUri);
  return recordOf(deps, workflowId, ({ opened }) => opened?.runId === runId);
}

async function recordOf(
  deps: FindRunDependencies,
  workflowId: string,
  isIt: (record: RunRecord) => boolean,
): Promise<RunRecord> {
  const decoder = createDecoder(deps.client);
  for await (const events of readHistories(deps, workflowId)) {
    const record = await runRecord(workflowId, events, decoder);
    if (isIt(record)) return record;
  }
  throw new Failure(
    'RUN_NOT_FOUND',
    `There is no history of that run of ${workflowId}, in Temporal or among the exported ones.`,
    'The id is misspelt, or its history was over its retention before it was exported, or it was erased.',
  );
}

async function workflowOf(
  deps: FindRunDependencies,
  runId: string,
  trackingUri: string | undefined,
): Promise<string> {
  const audited = await deps.auditedWorkflow(runId);
  if (audited !== undefined) return audited;
  const { tags } = await deps.tracking(trackingUri).getRun(runId);
  const workflowId = tags[TAGS.workflowId];
  if (workflowId !== undefined && WORKFLOW_ID.test(workflowId)) return workflowId;
  throw new Failure(
    'RUN_NOT_FOUND',
    'No experiment of this service made the MLflow run of that id.',
    'Use the run_id or workflow_id that mlflow_run_experiment returned.',
  );
}
