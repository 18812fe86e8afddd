import type { AuditLog } from '../../platform/audit/audit-log.ts';
import { eventsAbout } from '../../platform/audit/read-events.ts';
import { Failure } from '../../schemas/failure.ts';

/** A request sent again must not bring back what was erased. @throws Failure IDEMPOTENCY_CONFLICT */
export async function refuseErased(
  log: Pick<AuditLog, 'database' | 'ready'> | undefined,
  { tenant, workflowId }: { readonly tenant: string; readonly workflowId: string },
): Promise<void> {
  await log?.ready();
  const about = { chain: tenant, subject: `workflow:${workflowId}`, limit: 1 };
  const erasures = log && (await eventsAbout(log.database, { ...about, names: ['audit.erased'] }));
  if (!erasures || erasures.length === 0) return;
  throw new Failure(
    'IDEMPOTENCY_CONFLICT',
    'The run of this idempotency_key has been erased.',
    'Use a new key to run the experiment again.',
  );
}
