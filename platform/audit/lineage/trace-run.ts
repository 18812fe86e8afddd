import type { AuditEvent, EventFields, EventName } from '../../../schemas/audit-event.ts';
import type { AuditDatabase } from '../database/open-database.ts';
import { allAbout } from './find-events.ts';
import { runRequest, type RunRequest } from './run-request.ts';
import { runVersions, type RunVersions } from './run-versions.ts';

type Ended = Partial<EventFields<'attempt.ended'>>;

/** A run as the audit log tells of it; null is what the log does not say. */
export interface RunTrace {
  readonly workflow_id: string;
  readonly run_id: string | null;
  readonly status: 'FINISHED' | 'FAILED' | 'KILLED' | null;
  readonly started_at: string | null;
  readonly request: RunRequest | null;
  readonly versions: RunVersions;
  readonly source_sha256: string | null;
  readonly dataset_sha256: string | null;
  readonly dataset_rows: number | null;
  readonly split_sha256: string | null;
  readonly model_sha256: string | null;
  readonly model_id: string | null;
  readonly predictions_sha256: string | null;
  readonly metrics_sha256: string | null;
  /** MLflow run that it repeats, or whose results it used in place of its own. */
  readonly rerun_of: string | null;
  readonly reused_run: string | null;
  readonly resets: number;
  /** When its private values were erased. */
  readonly erased_at: string | null;
}

/** Those that a trace is made of: a run may have many more. */
const TELLING: readonly EventName[] = [
  'tool.requested',
  'run.started',
  'run.reset',
  'run.reused',
  'attempt.ended',
  'audit.erased',
];

/** What the log holds of a workflow's run; undefined for a workflow that it does not know. */
export async function traceRun(
  database: Pick<AuditDatabase, 'tables'>,
  { chain, workflowId }: { readonly chain: string; readonly workflowId: string },
): Promise<RunTrace | undefined> {
  const about = { chain, subject: `workflow:${workflowId}`, names: TELLING };
  const events = await allAbout(database, about);
  if (events.length === 0) return undefined;
  const named = <Name extends EventName>(name: Name) =>
    events.filter(
      (event): event is Extract<AuditEvent, { 'event.name': Name }> => event['event.name'] === name,
    );
  // A later attempt of a step, after a reset, tells what counts.
  const facts = Object.assign(
    {},
    ...named('attempt.ended').filter(({ outcome }) => outcome === 'completed'),
  ) as Ended;
  const [started] = named('run.started');
  return {
    workflow_id: workflowId,
    run_id: facts['mlflow.run_id'] ?? null,
    status: facts['run.status'] ?? null,
    started_at: started?.timestamp ?? null,
    request: await runRequest(database, chain, events),
    versions: await runVersions(database, events),
    source_sha256: facts['source.sha256'] ?? null,
    dataset_sha256: facts['dataset.sha256'] ?? null,
    dataset_rows: facts['dataset.rows'] ?? null,
    split_sha256: facts['split.sha256'] ?? null,
    model_sha256: facts['model.sha256'] ?? null,
    model_id: facts['mlflow.model_id'] ?? null,
    predictions_sha256: facts['predictions.sha256'] ?? null,
    metrics_sha256: facts['metrics.sha256'] ?? null,
    rerun_of: started?.rerun_of ?? null,
    reused_run: named('run.reused').at(-1)?.['mlflow.run_id'] ?? null,
    resets: named('run.reset').length,
    erased_at: named('audit.erased').at(-1)?.timestamp ?? null,
  };
}
