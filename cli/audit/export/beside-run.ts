import type { AuditDatabase } from '../../../platform/audit/database/open-database.ts';
import type { ExportFolder } from '../../../platform/audit/export/export-folder.ts';
import { createBlobStoreFrom } from '../../../platform/storage/from-config.ts';
import { createTrackingServersFrom } from '../../../platform/tracking/from-config.ts';
import type { AuditEvent, EventName } from '../../../schemas/audit-event.ts';
import type { Config } from '../../../schemas/config.ts';
import { Failure } from '../../../schemas/failure.ts';
import { withTemporal } from '../temporal-access.ts';
import { historiesOf, type FoundHistory } from './histories.ts';
import { mlflowRuns } from './mlflow-run.ts';

/** For each request, while a person waits. */
const MLFLOW_MILLISECONDS = 10_000;
/** Events whose MLflow run is the run’s own; others may name one that was used again. */
const OF_ITS_OWN: readonly EventName[] = ['attempt.ended', 'receipt.attached', 'model.registered'];

export interface RunBeside {
  readonly config: Config;
  readonly database: AuditDatabase;
  readonly workflowId: string;
  readonly events: readonly AuditEvent[];
}

/** Writes what MLflow holds of a run now. @returns notes for the report */
export async function writeMlflow(
  { config, events }: RunBeside,
  folder: ExportFolder,
): Promise<string[]> {
  const own = events.filter((event) => OF_ITS_OWN.includes(event['event.name']));
  const ids = distinct(own, 'mlflow.run_id');
  const client = createTrackingServersFrom(config, { timeoutMs: MLFLOW_MILLISECONDS }).clientFor(
    undefined,
  );
  const runs = await mlflowRuns(client, ids);
  await folder.write('mlflow-run.json', [`${JSON.stringify(runs, null, 2)}\n`]);
  const notes = runs.flatMap((run) => ('note' in run ? [String(run.note)] : []));
  return [
    ids.length === 0
      ? 'The run has no MLflow run.'
      : `MLflow runs: ${ids.join(', ')}, as MLflow shows them today, in mlflow-run.json.`,
    ...notes,
  ];
}

/** Writes the Temporal history of every execution of a run. @returns notes for the report */
export async function writeHistories(
  { config, database, workflowId, events }: RunBeside,
  folder: ExportFolder,
): Promise<string[]> {
  const blobs = await createBlobStoreFrom(config);
  const find = (temporal: Parameters<typeof historiesOf>[0]['temporal']): Promise<FoundHistory[]> =>
    historiesOf({ database, blobs, temporal }, workflowId, distinct(events, 'temporal.run_id'));
  // Without Temporal there is what was exported before.
  const found = await withTemporal(config, find).catch((error: unknown) => {
    if (error instanceof Failure && error.code === 'TEMPORAL_UNAVAILABLE') return find(undefined);
    throw error;
  });
  const notes: string[] = [];
  for (const { runId, json, note } of found) {
    if (json !== undefined) await folder.write(`history-${runId}.json`, [json]);
    notes.push(`Temporal history of execution ${runId}: ${note}.`);
  }
  return notes;
}

function distinct(events: readonly AuditEvent[], field: string): string[] {
  const values = events.map((event) => (event as Readonly<Record<string, unknown>>)[field]);
  return [
    ...new Set(values.filter((value) => typeof value === 'string' && value !== '')),
  ] as string[];
}
