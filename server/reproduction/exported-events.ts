import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import type { temporal } from '@temporalio/proto';

import type { AuditDatabase } from '../../platform/audit/database/open-database.ts';
import { readExportedHistory } from '../../platform/audit/histories/exported-history.ts';
import type { BlobStore } from '../../platform/storage/blob-store.ts';
import { milliseconds } from '../experiments/history-values.ts';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** The events of a workflow’s executions as they were exported, the last that ended first; erased ones are left out. */
export async function exportedEvents(
  store: { readonly blobs: BlobStore; readonly database: AuditDatabase },
  workflowId: string,
): Promise<(readonly HistoryEvent[])[]> {
  const exported = await readExportedHistory(store, workflowId);
  const histories = exported.flatMap(({ json }) =>
    json === null ? [] : [historyFromJSON(JSON.parse(json)).events ?? []],
  );
  const endOf = (events: readonly HistoryEvent[]): number =>
    milliseconds(events.at(-1)?.eventTime) ?? 0;
  return histories.sort((a, b) => endOf(b) - endOf(a));
}
