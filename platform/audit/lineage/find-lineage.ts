import type { AuditDatabase } from '../database/open-database.ts';
import { allAbout, workflowOfRun } from './find-events.ts';
import { registrationsIn, runDescendants, type RunDescendants } from './run-descendants.ts';
import { traceRun, type RunTrace } from './trace-run.ts';

/** What a lineage begins at. */
export type LineageStart =
  /** A registered model, as its tenant calls it, of one version or of all. */
  | { readonly kind: 'model'; readonly name: string; readonly version?: string | undefined }
  | { readonly kind: 'model-id'; readonly id: string }
  /** Either id of a run. */
  | { readonly kind: 'run'; readonly id: string }
  /** SHA-256 of a dataset, or of the bytes of its source. */
  | { readonly kind: 'data'; readonly sha256: string };

/** A run between what it came from and what came of it. */
export interface RunLineage extends RunTrace, RunDescendants {}

type Database = Pick<AuditDatabase, 'tables'>;

/** The runs that something comes from, or that came of it: the oldest first, each once. */
export async function findLineage(
  database: Database,
  chain: string,
  start: LineageStart,
): Promise<RunLineage[]> {
  const found = await workflowsOf(database, chain, start);
  const runs: RunLineage[] = [];
  for (const workflowId of new Set(found)) {
    const trace = await traceRun(database, { chain, workflowId });
    if (trace) runs.push({ ...trace, ...(await descendantsOf(database, chain, trace)) });
  }
  return runs;
}

async function descendantsOf(
  database: Database,
  chain: string,
  { run_id: runId }: RunTrace,
): Promise<RunDescendants> {
  if (runId === null) return { registrations: [], reruns: [], reuses: [] };
  return runDescendants(database, { chain, runId });
}

async function workflowsOf(
  database: Database,
  chain: string,
  start: LineageStart,
): Promise<string[]> {
  switch (start.kind) {
    case 'model':
      return madeRuns(database, chain, await runsOfModel(database, chain, start));
    case 'model-id':
      return endedAttempts(database, { chain, subject: `model:${start.id}` });
    case 'data':
      return endedAttempts(database, { chain, subject: `data:${start.sha256}` });
    case 'run':
      return ownAndReused(database, chain, start.id);
  }
}

/** MLflow runs of the models that were registered so. */
async function runsOfModel(
  database: Database,
  chain: string,
  { name, version }: Extract<LineageStart, { kind: 'model' }>,
): Promise<string[]> {
  const runs: string[] = [];
  for (const known of namesInMlflow(chain, name)) {
    const subject = `registered:${known}${version === undefined ? '' : `/${version}`}`;
    const events = await allAbout(database, { chain, subject, names: ['model.registered'] });
    runs.push(...registrationsIn(events).map(({ run_id }) => run_id));
  }
  return runs;
}

/** A tenant's name as it is, and as MLflow has it, where all tenants share a registry. */
function namesInMlflow(chain: string, name: string): string[] {
  return [name, `${chain}~${name}`, `~${name}`];
}

async function madeRuns(
  database: Database,
  chain: string,
  runIds: readonly string[],
): Promise<string[]> {
  const found: string[] = [];
  for (const runId of new Set(runIds)) {
    const workflowId = await workflowOfRun(database, { chain, runId });
    if (workflowId !== undefined) found.push(workflowId);
  }
  return found;
}

/** The workflow of that id, and the one whose results it used again. */
async function ownAndReused(database: Database, chain: string, id: string): Promise<string[]> {
  const own = await traceRun(database, { chain, workflowId: id });
  if (!own) return madeRuns(database, chain, [id]);
  const reused = own.reused_run === null ? [] : [own.reused_run];
  return [id, ...(await madeRuns(database, chain, reused))];
}

async function endedAttempts(
  database: Database,
  about: { readonly chain: string; readonly subject: string },
): Promise<string[]> {
  const events = await allAbout(database, { ...about, names: ['attempt.ended'] });
  return events.flatMap((event) =>
    event['event.name'] === 'attempt.ended' ? [event['temporal.workflow_id']] : [],
  );
}
