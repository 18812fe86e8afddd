import type { AuditEvent, EventName } from '../../../schemas/audit-event.ts';
import type { AuditDatabase } from '../database/open-database.ts';
import { eventsAbout } from '../read-events.ts';

const PAGE = 1000;

/** All events about a subject, the oldest first. */
export async function allAbout(
  database: Pick<AuditDatabase, 'tables'>,
  about: {
    readonly chain: string;
    readonly subject: string;
    readonly names?: readonly EventName[];
  },
): Promise<AuditEvent[]> {
  const events: AuditEvent[] = [];
  for (;;) {
    const after = events.at(-1)?.['audit.seq'] ?? 0;
    const page = await eventsAbout(database, { ...about, after, limit: PAGE });
    events.push(...page);
    if (page.length < PAGE) return events;
  }
}

/** The workflow that made an MLflow run; undefined for one that the chain does not know. */
export async function workflowOfRun(
  database: Pick<AuditDatabase, 'tables'>,
  { chain, runId }: { readonly chain: string; readonly runId: string },
): Promise<string | undefined> {
  const about = { chain, subject: `run:${runId}`, names: ['attempt.ended'], limit: 1 } as const;
  const [event] = await eventsAbout(database, about);
  return event?.['event.name'] === 'attempt.ended' ? event['temporal.workflow_id'] : undefined;
}
