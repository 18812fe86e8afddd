import { isQualityMetric } from '../../schemas/experiment.ts';
import { FAILURES, type FailureCode, type FailureDetails } from '../../schemas/failure.ts';
import { TAGS } from '../../schemas/names.ts';
import type { RunView, WorkflowView } from '../../schemas/run-view.ts';
import type { RunReader } from './tenant-runs.ts';
import type { WorkflowRecord } from './workflow-record.ts';

/** MLflow's side of a run. */
export interface MlflowPart extends Pick<RunView, 'params' | 'metrics' | 'artifacts' | 'warnings'> {
  readonly runId: string;
  readonly experimentId: string;
  readonly status: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly failure: FailureDetails | null;
}

export async function mlflowPart(client: RunReader, runId: string): Promise<MlflowPart> {
  const [run, artifacts] = await Promise.all([client.getRun(runId), client.listArtifacts(runId)]);
  return {
    runId: run.runId,
    experimentId: run.experimentId,
    status: run.status,
    params: run.params,
    metrics: Object.fromEntries(
      Object.entries(run.metrics).filter(([name]) => isQualityMetric(name)),
    ),
    // As MLflow's own client lists a run: with the model that it made.
    artifacts: [
      ...(run.modelOutputs.length > 0 ? ['model'] : []),
      ...artifacts.map(({ path }) => path),
    ],
    tags: run.tags,
    warnings: run.tags[TAGS.warnings]?.split('\n') ?? [],
    failure: failureTags(run.tags),
  };
}

function failureTags(tags: Readonly<Record<string, string>>): FailureDetails | null {
  const code = tags[TAGS.failureCode];
  if (code === undefined || !(code in FAILURES)) return null;
  return {
    code: code as FailureCode,
    step: tags[TAGS.failureStep] ?? null,
    message: tags[TAGS.failureMessage] ?? '',
    hint: tags[TAGS.failureHint] ?? '',
  };
}

export function workflowPart({ description }: WorkflowRecord): WorkflowView {
  return {
    workflow_id: description.workflowId,
    run_id: description.runId,
    status: description.status.name,
    started_at: description.startTime.toISOString(),
    ended_at: description.closeTime?.toISOString() ?? null,
  };
}

/** True for a workflow that has not ended: it runs, or somebody has paused it in Temporal. */
export function isGoing(workflowStatus: string | undefined): boolean {
  return workflowStatus === 'RUNNING' || workflowStatus === 'PAUSED';
}

const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  RUNNING: ['RUNNING', 'SCHEDULED'],
  PAUSED: ['RUNNING', 'SCHEDULED'],
  COMPLETED: ['FINISHED'],
  FAILED: ['FAILED'],
  CANCELLED: ['KILLED'],
};

/** Says so when the two systems tell different stories of one run. */
export function disagreements(
  workflow: string | undefined,
  mlflow: string | null | undefined,
): string[] {
  if (!workflow || !mlflow || (EXPECTED[workflow] ?? []).includes(mlflow)) return [];
  return [`Temporal says ${workflow}, MLflow says ${mlflow}.`];
}
