import type { Client } from '@temporalio/client';

import type { AuditDatabase } from '../../platform/audit/database/open-database.ts';
import { executionsOf } from '../../platform/audit/histories/list-executions.ts';
import { isNotFound, type TemporalAccess } from '../../platform/audit/histories/temporal-access.ts';
import { ownerOfBlob, type BlobKind } from '../../platform/storage/blob-keys.ts';
import type { BlobStore } from '../../platform/storage/blob-store.ts';
import type { BlobEntry } from '../../platform/storage/object-store.ts';
import { Failure } from '../../schemas/failure.ts';
import { asTemporalCalls } from '../experiments/temporal-errors.ts';
import { sideBySide } from './side-by-side.ts';
import { usedRecords } from './used-records.ts';

export interface CollectionDependencies {
  readonly access: TemporalAccess;
  /** On the same connection; it decrypts. */
  readonly client: Client;
  readonly blobs: BlobStore;
  /** Undefined where no audit log is kept. */
  readonly database: AuditDatabase | undefined;
}

export interface Garbage extends BlobEntry {
  readonly tenant: string;
  readonly kind: BlobKind;
}

export interface Collection {
  readonly garbage: readonly Garbage[];
  /** Workflows with old blobs: those that Temporal has, and those that it has not. */
  readonly known: number;
  readonly forgotten: number;
  /** Runs whose requests can't be decrypted here: because of them no records are garbage. */
  readonly unreadable: number;
}

/**
 * The blobs that nothing can ask for any more, among those that were last written before a time.
 *
 * `runs/<workflow>/…` is written and read by the steps of that one workflow: no reference to it leaves the workflow's
 * history (a run that reuses another takes that one's MLflow run; a rerun demands a hash, and reads the source anew).
 * So it is garbage once Temporal has neither a history to go on with, nor one to reset. A new run under the same id
 * (an idempotency key used again) writes each blob before it reads it, which makes the blob young.
 * Records of requests may be many runs', see {@link usedRecords}. An inspection ends within its minute.
 * What the audit log has exported is kept by its own rules; what is none of ours is left alone.
 * @throws Failure TEMPORAL_UNAVAILABLE
 */
export async function planCollection(
  deps: CollectionDependencies,
  { before }: { readonly before: number },
): Promise<Collection> {
  await demandNamespace(deps.access);
  const garbage: Garbage[] = [];
  const records: Garbage[] = [];
  const ofRuns = new Map<string, Garbage[]>();
  for await (const entry of deps.blobs.entries('')) {
    const { tenant, kind, workflowId = '' } = ownerOfBlob(entry.key);
    if (kind === undefined || kind === 'history' || entry.changedAt >= before) continue;
    const old = { ...entry, tenant, kind };
    if (kind === 'inspection') garbage.push(old);
    else if (kind === 'records') records.push(old);
    else ofRuns.set(workflowId, [...(ofRuns.get(workflowId) ?? []), old]);
  }
  return asTemporalCalls(async () => {
    let forgotten = 0;
    await sideBySide(ofRuns, async ([workflowId, old]) => {
      if (await hasHistory(deps.access, workflowId)) return;
      forgotten += 1;
      garbage.push(...old);
    });
    const { used, unreadable } = await usedRecords(deps, records);
    garbage.push(...records.filter(({ key }) => !used.has(key)));
    return { garbage, forgotten, known: ofRuns.size - forgotten, unreadable };
  });
}

/** A namespace that is not there has no workflows either. @throws Failure TEMPORAL_UNAVAILABLE */
async function demandNamespace({ connection, namespace }: TemporalAccess): Promise<void> {
  try {
    await asTemporalCalls(() => connection.workflowService.describeNamespace({ namespace }));
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new Failure(
      'TEMPORAL_UNAVAILABLE',
      `Temporal has no namespace “${namespace}”.`,
      'Correct TEMPORAL_ADDRESS or TEMPORAL_NAMESPACE.',
    );
  }
}

/** Whether Temporal has any execution of a workflow. The latest is asked for itself: what is listed may be late. */
async function hasHistory(access: TemporalAccess, workflowId: string): Promise<boolean> {
  const { connection, namespace } = access;
  try {
    await connection.workflowService.describeWorkflowExecution({
      ...{ namespace, execution: { workflowId } },
    });
    return true;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return (await executionsOf(access, workflowId)).length > 0;
  }
}
