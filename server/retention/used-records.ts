import { listExecutions } from '../../platform/audit/histories/list-executions.ts';
import { isNotFound, type TemporalAccess } from '../../platform/audit/histories/temporal-access.ts';
import type { AuditDatabase } from '../../platform/audit/database/open-database.ts';
import { tenantOfWorkflow } from '../../schemas/caller.ts';
import { Failure } from '../../schemas/failure.ts';
import { EXPERIMENT_WORKFLOW } from '../../schemas/names.ts';
import { createDecoder } from '../experiments/workflow-record.ts';
import type { CollectionDependencies } from './plan-collection.ts';
import { sideBySide } from './side-by-side.ts';
import { storedRequest } from './stored-request.ts';

interface Records {
  readonly key: string;
  readonly tenant: string;
}

export interface UsedRecords {
  /** Keys. */
  readonly used: ReadonlySet<string>;
  /** Runs whose requests are encrypted with a key that is not here, as another installation's are. */
  readonly unreadable: number;
}

/**
 * Those of the records that a run may still read: they stand in the request of a workflow that Temporal has, whatever
 * became of it; or the audit log has a run that was made from them, which “reproduce” can do again. A request that is
 * not listed yet has stored its records anew, and these are young; a rerun's are its original's.
 * While a request can't be read, all records count as used: it may be any of them that it asks for.
 */
export async function usedRecords(
  { access, client, database }: CollectionDependencies,
  records: readonly Records[],
): Promise<UsedRecords> {
  const used = new Set<string>();
  const unused = (): Records[] => records.filter(({ key }) => !used.has(key));
  for (const { key, tenant } of database ? records : []) {
    if (await isInLog(database as AuditDatabase, tenant, key)) used.add(key);
  }
  const tenants = new Set(unused().map(({ tenant }) => tenant));
  if (tenants.size === 0) return { used, unreadable: 0 };
  const firstOf = new Map<string, string>();
  const ours = `WorkflowType = '${EXPERIMENT_WORKFLOW}'`;
  for await (const { workflowId, runId } of listExecutions(access, ours)) {
    // All executions of a workflow have the same request.
    if (tenants.has(tenantOfWorkflow(workflowId))) firstOf.set(workflowId, runId);
  }
  const decoder = createDecoder(client);
  let unreadable = 0;
  await sideBySide(firstOf, async ([workflowId, runId]) => {
    const start = await startOf(access, { workflowId, runId });
    if (!start) return;
    try {
      const source = (await storedRequest(start, decoder))?.source;
      if (source?.kind === 'inline') used.add(source.records.key);
    } catch (error) {
      if (!(error instanceof Failure && error.code === 'PAYLOAD_UNREADABLE')) throw error;
      unreadable += 1;
    }
  });
  if (unreadable > 0) for (const { key } of records) used.add(key);
  return { used, unreadable };
}

/** The first event of an execution; undefined when Temporal has just forgotten it. */
async function startOf(
  { connection, namespace }: TemporalAccess,
  execution: { readonly workflowId: string; readonly runId: string },
) {
  try {
    const { history } = await connection.workflowService.getWorkflowExecutionHistory({
      ...{ namespace, execution, maximumPageSize: 1 },
    });
    return history?.events ?? [];
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** The log knows data by its whole hash, the key has the half of it. */
async function isInLog({ tables }: AuditDatabase, chain: string, key: string): Promise<boolean> {
  const subject = `data:${key.slice(key.lastIndexOf('.') + 1)}`;
  const found = await tables
    .selectFrom('audit_subjects')
    .select('subject')
    .where('chain', '=', chain)
    .where('subject', '>=', subject)
    // The next hexadecimal digit comes before it.
    .where('subject', '<', `${subject}g`)
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}
