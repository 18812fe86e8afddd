import { tenantOfWorkflow } from '../../schemas/caller.ts';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';

import {
  historyKey,
  readExportedHistory,
} from '../../platform/audit/histories/exported-history.ts';
import { fetchHistory } from '../../platform/audit/histories/export-history.ts';
import { isNotFound, type Execution } from '../../platform/audit/histories/temporal-access.ts';
import { eventsAbout } from '../../platform/audit/read-events.ts';
import type { ExperimentInput } from '../../schemas/experiment.ts';
import { Failure } from '../../schemas/failure.ts';
import { TAGS } from '../../schemas/names.ts';
import { trackedRunOf } from '../experiments/find-tracked-run.ts';
import { WORKFLOW_ID } from '../experiments/tenancy.ts';
import { createDecoder } from '../experiments/workflow-record.ts';
import type { ErasureDependencies, ErasurePlan } from './erasure-dependencies.ts';
import { runArtifacts } from './find-artifacts.ts';
import { endedExecutions } from './find-executions.ts';
import { inlineRecords } from './find-records.ts';
import { storedRequest } from './stored-request.ts';

/** It becomes part of a filter and of a blob’s key. */
const PLAIN = /^[A-Za-z0-9_.-]+$/;

/**
 * All that there is of a run's data, by its workflow's id or MLflow's.
 * @throws Failure RUN_NOT_FOUND, RUN_STILL_RUNNING
 */
export async function planErasure(deps: ErasureDependencies, id: string): Promise<ErasurePlan> {
  const workflowId = WORKFLOW_ID.test(id) ? id : await workflowOf(deps, id);
  if (!PLAIN.test(workflowId)) throw unknownRun();
  const { access, blobs, log } = deps;
  const chain = tenantOfWorkflow(workflowId);
  const executions = await endedExecutions(access, workflowId);
  const request = await requestOf(deps, workflowId, executions);
  const trackingUri = request?.trackingUri ?? undefined;
  const client = deps.tracking(trackingUri);
  const runId = await trackedRunOf(deps, { run_id: workflowId, tracking_uri: trackingUri });
  const run = runId === undefined ? undefined : await client.getRun(runId);
  if (!run && executions.length === 0 && !(await isRecorded(deps, { chain, workflowId }))) {
    throw unknownRun();
  }
  const ofMlflow = run && (await runArtifacts(client, run));
  const records = await inlineRecords(deps, { workflowId, chain }, request);
  const { count } = await log.database.tables
    .selectFrom('audit_private')
    .select((on) => on.fn.countAll<number>().as('count'))
    .where('chain', '=', chain)
    .where('workflow_id', '=', workflowId)
    .executeTakeFirstOrThrow();
  return {
    ...{ workflowId, chain, runId, trackingUri, executions },
    values: Number(count),
    blobs: await blobs.list(`runs/${workflowId}/`),
    records: records?.key,
    histories: await blobs.list(historyKey(workflowId)),
    artifacts: ofMlflow?.artifacts ?? [],
    models: ofMlflow?.models ?? [],
    sharedWith: records?.sharedWith ?? [],
    registered: await registeredAs(deps, { chain, workflowId }),
    remarks: ofMlflow?.remarks ?? [],
  };
}

function unknownRun(): Failure {
  return notFound(
    'Neither Temporal nor MLflow nor the audit log knows a run of that workflow_id.',
    'It is misspelt, or of another installation.',
  );
}

function notFound(message: string, hint: string): Failure {
  return new Failure('RUN_NOT_FOUND', message, hint);
}

async function workflowOf(deps: ErasureDependencies, runId: string): Promise<string> {
  const { tags } = await deps.tracking(undefined).getRun(runId);
  const workflowId = tags[TAGS.workflowId];
  if (workflowId !== undefined && WORKFLOW_ID.test(workflowId)) return workflowId;
  throw notFound(
    'No experiment of this service made the MLflow run of that id.',
    'Use the run_id or workflow_id that mlflow_run_experiment returned.',
  );
}

/** What was asked for: by Temporal's history, or else the exported one. */
async function requestOf(
  { access, client, blobs, log }: ErasureDependencies,
  workflowId: string,
  [execution]: readonly Execution[],
): Promise<ExperimentInput | undefined> {
  const decoder = createDecoder(client);
  if (execution) {
    try {
      return await storedRequest(await fetchHistory(access, execution), decoder);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  const exported = await readExportedHistory({ blobs, database: log.database }, workflowId);
  const json = exported.findLast((history) => history.json !== null)?.json;
  if (json === undefined || json === null) return undefined;
  return storedRequest(historyFromJSON(JSON.parse(json)).events ?? [], decoder);
}

async function isRecorded(
  { log }: Pick<ErasureDependencies, 'log'>,
  { chain, workflowId }: { readonly chain: string; readonly workflowId: string },
): Promise<boolean> {
  const about = { chain, subject: `workflow:${workflowId}`, limit: 1 };
  return (await eventsAbout(log.database, about)).length > 0;
}

async function registeredAs(
  { log }: Pick<ErasureDependencies, 'log'>,
  { chain, workflowId }: { readonly chain: string; readonly workflowId: string },
): Promise<string[]> {
  const events = await eventsAbout(log.database, {
    ...{ chain, subject: `workflow:${workflowId}`, names: ['model.registered'], limit: 100 },
  });
  const versions = events.flatMap((event) =>
    event['event.name'] === 'model.registered'
      ? [`${event['model.name']} ${event['model.version'] ?? ''}`.trim()]
      : [],
  );
  return [...new Set(versions)];
}
