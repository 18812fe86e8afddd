import type { Client } from '@temporalio/client';

import { Failure } from '../../schemas/failure.ts';
import { TAGS } from '../../schemas/names.ts';
import type { GetRunRequest } from '../../schemas/request.ts';
import type { RunView } from '../../schemas/run-view.ts';
import type { RunLinks } from '../../platform/run-links.ts';
import type { KnownRuns } from './known-runs.ts';
import { disagreements, mlflowPart, workflowPart, type MlflowPart } from './run-join.ts';
import { trackedRunOf } from './find-tracked-run.ts';
import { cursorOf, nextPollSeconds } from './run-cursor.ts';
import { WORKFLOW_ID, type Tenancy } from './tenancy.ts';
import type { RunReader } from './tenant-runs.ts';
import { missingWorker } from './worker-presence.ts';
import { readWorkflow, type WorkflowRecord } from './workflow-record.ts';

export interface GetRunDependencies {
  readonly client: Client;
  readonly tenancy: Tenancy;
  readonly links: RunLinks;
  /** Whether callers' words are to be kept from Temporal, as far as they can be. */
  readonly encrypting: boolean;
  /** The client for a tracking_uri; the default one for undefined. @throws Failure */
  readonly tracking: (uri: string | undefined) => RunReader;
  readonly knownRuns: KnownRuns;
}

/** A run by either of its ids. */
export type RunName = Pick<GetRunRequest, 'run_id' | 'tracking_uri'>;

/** Joins both sides of a run; see {@link Experiments.get}. When one side is away the other still answers. */
export async function getRun(deps: GetRunDependencies, request: RunName): Promise<RunView> {
  const look = WORKFLOW_ID.test(request.run_id) ? byWorkflowId : byRunId;
  const view = await look(deps, request);
  const { workflow, status } = view;
  // One may have been asked just before the run's end, the other just after it.
  return disagreements(workflow?.status, status).length > 0 ? look(deps, request) : view;
}

async function byWorkflowId(deps: GetRunDependencies, request: RunName): Promise<RunView> {
  const guess = deps.knownRuns.of(request.run_id)?.runId;
  const early = guess === undefined ? undefined : mlflowOrNote(deps, request, guess);
  // It may turn out not to be wanted.
  early?.catch(() => undefined);
  const { record, error } = await readWorkflow(deps, request.run_id).then(
    (found) => ({ record: found, error: notFound() }),
    (reason: unknown) => ({ record: undefined, error: reason }),
  );
  if (!record) {
    const tracked = await trackedRunOf(deps, request).catch(() => undefined);
    if (tracked === undefined) throw error;
    return byRunId(deps, { ...request, run_id: tracked });
  }
  const notes = await missingWorker(deps.client, record);
  const runId = record.opened?.runId;
  const { mlflow, note = [] } =
    runId === undefined
      ? {}
      : await (early && runId === guess ? early : mlflowOrNote(deps, request, runId));
  return joined(deps, { record, mlflow, notes: [...notes, ...note] });
}

async function byRunId(deps: GetRunDependencies, request: RunName): Promise<RunView> {
  const guess = deps.knownRuns.of(request.run_id)?.workflowId;
  const early = guess === undefined ? undefined : workflowOrNote(deps, guess);
  const mlflow = await mlflowPart(deps.tracking(request.tracking_uri), request.run_id);
  const workflowId = mlflow.tags[TAGS.workflowId];
  const { record, note = [] } =
    workflowId === undefined
      ? {}
      : await (early && workflowId === guess ? early : workflowOrNote(deps, workflowId));
  const notes = [...note];
  if (record) notes.push(...(await missingWorker(deps.client, record).catch(() => [])));
  if (!workflowId) notes.push('This MLflow run was not made by an experiment of this service.');
  return joined(deps, { record, mlflow, notes });
}

async function mlflowOrNote(
  deps: GetRunDependencies,
  request: RunName,
  runId: string,
): Promise<{ mlflow?: MlflowPart; note?: string[] }> {
  try {
    return { mlflow: await mlflowPart(deps.tracking(request.tracking_uri), runId) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { note: [`MLflow’s part is missing: ${error.message}`] };
  }
}

async function workflowOrNote(
  deps: GetRunDependencies,
  workflowId: string,
): Promise<{ record?: WorkflowRecord; note?: string[] }> {
  try {
    const record = await readWorkflow(deps, workflowId);
    return record ? { record } : { note: ['Temporal no longer holds this run’s history.'] };
  } catch (error) {
    const why = error instanceof Failure ? error.message : 'Temporal does not answer';
    return { note: [`${why.replace(/\.$/, '')}: the steps are missing.`] };
  }
}

function joined(
  deps: GetRunDependencies,
  sides: { record: WorkflowRecord | undefined; mlflow: MlflowPart | undefined; notes: string[] },
): RunView {
  const { record, mlflow, notes } = sides;
  if (record && mlflow) {
    const { workflowId: id } = record.description;
    deps.knownRuns.remember({ workflowId: id, runId: mlflow.runId });
  }
  const workflow = record ? workflowPart(record) : null;
  const workflowId = workflow?.workflow_id ?? mlflow?.tags[TAGS.workflowId];
  const run = mlflow ?? record?.opened;
  const links = deps.links.of(workflowId ?? '', run);
  const view = {
    run_id: run?.runId ?? null,
    experiment_id: run?.experimentId ?? null,
    status: mlflow?.status ?? null,
    params: mlflow?.params ?? {},
    metrics: mlflow?.metrics ?? {},
    artifacts: mlflow?.artifacts ?? [],
    workflow,
    steps: [...(record?.steps ?? [])],
    failure: record ? record.failure : (mlflow?.failure ?? null),
    warnings: mlflow?.warnings ?? [],
    notes: [...notes, ...disagreements(workflow?.status, mlflow?.status)],
    links: { mlflow: links.mlflow, temporal: workflowId ? links.temporal : null },
  };
  return {
    ...view,
    cursor: cursorOf(view),
    next_poll_seconds: nextPollSeconds(workflow, Date.now()),
  };
}

function notFound(): Failure {
  return new Failure(
    'RUN_NOT_FOUND',
    'There is no run of that id.',
    'Use the run_id or workflow_id that mlflow_run_experiment returned.',
  );
}
