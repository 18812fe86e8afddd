import { tenantOfWorkflow } from '../../../schemas/caller.ts';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { temporal } from '@temporalio/proto';

import type { BlobStore } from '../../storage/blob-store.ts';
import type { AuditLog } from '../audit-log.ts';
import { canonical } from '../chain.ts';
import { eventsAbout } from '../read-events.ts';
import { historyKey, storeHistory } from './exported-history.ts';
import type { Execution, TemporalAccess } from './temporal-access.ts';

export interface ExportDependencies {
  readonly access: TemporalAccess;
  readonly blobs: BlobStore;
  readonly log: AuditLog;
}

/** The id of the event that says that an execution's history was exported. */
export function exportEventId({ runId }: Pick<Execution, 'runId'>): string {
  return `history/${runId}`;
}

/** Copies the history of an ended execution into the blob store and records it; any number of times. */
export async function exportHistory(
  { access, blobs, log }: ExportDependencies,
  execution: Execution,
): Promise<void> {
  const { workflowId, runId } = execution;
  const events = await fetchHistory(access, execution);
  // Temporal gives the fields of a memo in any order: two exports of a history shall be the same bytes.
  const json = canonical(JSON.parse(historyToJSON({ events })));
  const sha256 = await storeHistory(blobs, execution, json);
  // Looked at after the write: an erasure that begins later finds the blob.
  if (await wasErased(log, execution)) return blobs.remove(historyKey(workflowId, runId));
  await log.record({
    ...{ name: 'history.exported', chain: tenantOfWorkflow(workflowId) },
    id: exportEventId(execution),
    fields: {
      ...{ 'temporal.workflow_id': workflowId, 'temporal.run_id': runId },
      ...{ 'history.sha256': sha256, 'history.events': events.length },
    },
  });
}

/** The whole history, with the payloads as they are: nobody need be able to decrypt them. */
export async function fetchHistory(
  { connection, namespace }: Pick<TemporalAccess, 'connection' | 'namespace'>,
  { workflowId, runId }: Pick<Execution, 'workflowId' | 'runId'>,
): Promise<temporal.api.history.v1.IHistoryEvent[]> {
  const events: temporal.api.history.v1.IHistoryEvent[] = [];
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await connection.workflowService.getWorkflowExecutionHistory({
      ...{ namespace, execution: { workflowId, runId } },
      ...(nextPageToken && { nextPageToken }),
    });
    events.push(...(page.history?.events ?? []));
    nextPageToken = page.nextPageToken;
  } while (nextPageToken.length > 0);
  return events;
}

/** A later run may have got the same id, by its idempotency key: that one was not erased. */
async function wasErased(
  { database }: Pick<AuditLog, 'database'>,
  { workflowId, startedAt }: Execution,
): Promise<boolean> {
  const [...erasures] = await eventsAbout(database, {
    chain: tenantOfWorkflow(workflowId),
    subject: `workflow:${workflowId}`,
    names: ['audit.erased'],
    limit: 1000,
  });
  return erasures.some(({ timestamp }) => Date.parse(timestamp) >= startedAt);
}
