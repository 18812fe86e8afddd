import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

import { fetchHistory } from '../../../platform/audit/histories/export-history.ts';
import { readExportedHistory } from '../../../platform/audit/histories/exported-history.ts';
import type { TemporalAccess } from '../../../platform/audit/histories/temporal-access.ts';
import type { AuditDatabase } from '../../../platform/audit/database/open-database.ts';
import type { BlobStore } from '../../../platform/storage/blob-store.ts';

export interface HistorySources {
  readonly database: AuditDatabase;
  readonly blobs: BlobStore;
  /** Temporal, or undefined when it can’t be reached. */
  readonly temporal: TemporalAccess | undefined;
}

/** The history of an execution as replayable JSON, or why there is none. */
export interface FoundHistory {
  readonly runId: string;
  readonly json: string | undefined;
  readonly note: string;
}

/** The histories of a run's executions: as they were exported, which the chain vouches for; else as Temporal has them. */
export async function historiesOf(
  { database, blobs, temporal }: HistorySources,
  workflowId: string,
  executions: readonly string[],
): Promise<FoundHistory[]> {
  const exported = await readExportedHistory({ database, blobs }, workflowId);
  const found: FoundHistory[] = [];
  for (const runId of executions) {
    const kept = exported.find((history) => history.runId === runId);
    if (kept && kept.json !== null) {
      const note = `as exported ${kept.exportedAt}, SHA-256 ${kept.sha256}, which stands in the log`;
      found.push({ runId, json: kept.json, note });
      continue;
    }
    const json = temporal && (await fromTemporal(temporal, workflowId, runId));
    const gone = kept ? 'erased' : 'neither Temporal nor the blob store has it';
    found.push({ runId, json, note: json === undefined ? gone : 'as Temporal has it now' });
  }
  return found;
}

async function fromTemporal(
  temporal: TemporalAccess,
  workflowId: string,
  runId: string,
): Promise<string | undefined> {
  try {
    return historyToJSON({ events: await fetchHistory(temporal, { workflowId, runId }) });
  } catch {
    // Away, or expired: what there is of the run is exported all the same.
    return undefined;
  }
}
