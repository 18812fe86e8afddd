import type { AuditDatabase } from '../../platform/audit/database/open-database.ts';
import type { PrivateRow } from '../../platform/audit/database/tables.ts';
import { canonical } from '../../platform/audit/chain.ts';
import { committed } from '../../platform/audit/commitment.ts';

/** What the salt of a run commits to: nothing but that it is the run's. */
const purpose = (workflowId: string): string => `salt of ${workflowId}`;

/**
 * The salt under which all attempts of a run commit to their inputs and outputs, so that equal ones show as
 * equal; erased with the run's other private values.
 * @returns its private row, which the caller has to record when it is new
 */
export async function saltOfRun(
  { tables }: AuditDatabase,
  { chain, workflowId }: { readonly chain: string; readonly workflowId: string },
): Promise<Omit<PrivateRow, 'chain'>> {
  const found = await tables
    .selectFrom('audit_private')
    .select(['commitment', 'salt', 'body', 'workflow_id'])
    .where('chain', '=', chain)
    .where('workflow_id', '=', workflowId)
    .where('body', '=', canonical(purpose(workflowId)))
    .orderBy('commitment')
    .executeTakeFirst();
  return found ?? committed(purpose(workflowId), workflowId);
}
