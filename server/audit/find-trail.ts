import type { AuditDatabase } from '../../platform/audit/database/open-database.ts';
import { eventsAbout } from '../../platform/audit/read-events.ts';
import type { AuditEvent, EventName } from '../../schemas/audit-event.ts';
import { WORKFLOW_ID } from '../experiments/tenancy.ts';

/** Whose events a run's trail are. */
export interface Trail {
  /** As events are looked up by. */
  readonly subject: string;
  readonly workflowId: string;
}

/** Events that name a run and its own workflow; those of a run that used it again name it, too. */
const OF_ITS_OWN: readonly EventName[] = ['attempt.ended', 'receipt.attached', 'tool.answered'];
const LOOKED_AT = 20;

/** The trail of a run in a chain, by either of its ids; undefined where the chain has none. */
export async function findTrail(
  database: Pick<AuditDatabase, 'tables'>,
  chain: string,
  id: string,
): Promise<Trail | undefined> {
  if (WORKFLOW_ID.test(id)) {
    const subject = `workflow:${id}`;
    const [any] = await eventsAbout(database, { chain, subject, limit: 1 });
    return any && { subject, workflowId: id };
  }
  const subject = `run:${id}`;
  const events = await eventsAbout(database, {
    chain,
    subject,
    limit: LOOKED_AT,
    names: OF_ITS_OWN,
  });
  const own = events.filter((event) => fieldOf(event, 'mlflow.run_id') === id);
  const rank = (event: AuditEvent): number => OF_ITS_OWN.indexOf(event['event.name']);
  // The worker’s word counts most: an answer may be about a run that was used again.
  const [best] = own.toSorted((one, other) => Math.sign(rank(one)) - Math.sign(rank(other)));
  const workflowId = best && fieldOf(best, 'temporal.workflow_id');
  return workflowId === undefined ? undefined : { subject: `workflow:${workflowId}`, workflowId };
}

/** A text among an event's fields. */
export function fieldOf(event: AuditEvent, field: string): string | undefined {
  const value = (event as Readonly<Record<string, unknown>>)[field];
  return typeof value === 'string' ? value : undefined;
}
