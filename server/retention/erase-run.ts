import { sql } from 'kysely';

import { committed } from '../../platform/audit/commitment.ts';
import type { AuditDatabase } from '../../platform/audit/database/open-database.ts';
import { whileBusy } from '../../platform/audit/database/while-busy.ts';
import { isNotFound, type TemporalAccess } from '../../platform/audit/histories/temporal-access.ts';
import type { ErasureDependencies, ErasurePlan } from './erasure-dependencies.ts';

export interface Erasing {
  readonly operator: { readonly 'user.id': string };
  readonly reason: string;
}

/** How much of each kind there is to erase. */
export function erasedCounts({
  values,
  blobs,
  records,
  histories,
  artifacts,
  executions,
}: ErasurePlan) {
  return {
    'erased.values': values,
    'erased.blobs': blobs.length + (records === undefined ? 0 : 1),
    'erased.artifacts': artifacts.reduce((sum, { paths }) => sum + paths.length, 0),
    'erased.histories': histories.length + executions.length,
  };
}

/**
 * Erases what the plan names. The event comes first: nothing is erased that the log does not know of. Temporal's
 * history, by which the rest is found, goes last: stopped halfway, the next erasure finds what is left, and records that.
 */
export async function eraseRun(
  deps: ErasureDependencies,
  plan: ErasurePlan,
  { operator, reason }: Erasing,
): Promise<void> {
  const { workflowId, chain } = plan;
  const { access, blobs, log } = deps;
  // Not among the run’s own texts: it tells why they are gone.
  const secret = committed(reason);
  await log.record({
    ...{ name: 'audit.erased', chain, secrets: [secret] },
    fields: {
      ...operator,
      'temporal.workflow_id': workflowId,
      'temporal.run_id': plan.executions[0]?.runId ?? '',
      'reason.commitment': secret.commitment,
      ...erasedCounts(plan),
    },
  });
  await erasePrivate(log.database, { chain, workflowId });
  const client = deps.tracking(plan.trackingUri);
  for (const { artifactUri, paths } of plan.artifacts) {
    await Promise.all(paths.map((path) => client.deleteArtifact({ artifactUri, path })));
  }
  for (const modelId of plan.models) await client.models.delete(modelId);
  const keys = [...plan.blobs, ...(plan.records === undefined ? [] : [plan.records])];
  for (const key of [...keys, ...plan.histories]) await blobs.remove(key);
  for (const { runId } of plan.executions) await deleteExecution(access, { workflowId, runId });
}

async function erasePrivate(
  { tables, kind }: AuditDatabase,
  { chain, workflowId }: Pick<ErasurePlan, 'chain' | 'workflowId'>,
): Promise<void> {
  await whileBusy(() =>
    tables
      .deleteFrom('audit_private')
      .where('chain', '=', chain)
      .where('workflow_id', '=', workflowId)
      .execute(),
  );
  // The write-ahead log has them yet; where others are at work it goes by itself, later.
  if (kind === 'sqlite') await sql`PRAGMA wal_checkpoint(TRUNCATE)`.execute(tables);
}

/** Has Temporal forget an execution: it takes that on for good, and does it within some seconds. */
async function deleteExecution(
  { connection, namespace }: TemporalAccess,
  workflowExecution: { readonly workflowId: string; readonly runId: string },
): Promise<void> {
  try {
    await connection.workflowService.deleteWorkflowExecution({ namespace, workflowExecution });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
