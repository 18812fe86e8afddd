import type { AuditDatabase } from './database/open-database.ts';
import { notExported } from './histories/history-sweep.ts';
import { listEnded } from './histories/list-executions.ts';
import type { TemporalAccess } from './histories/temporal-access.ts';
import { readTemporalRetention } from './histories/temporal-retention.ts';

const DAY_MS = 86_400_000;

/** What Temporal still holds of ended runs, and what of it has been exported. */
export interface HistoryRetention {
  /** Days that the namespace keeps ended runs. */
  readonly days: number;
  readonly exported: number;
  readonly waiting: number;
  /** When Temporal forgets the first of those that wait; undefined when none does. */
  readonly firstLostAt: Date | undefined;
}

/** Looks through all that Temporal shows of ended runs. */
export async function historyRetention(
  access: TemporalAccess,
  database: AuditDatabase,
  { retentionDays, now }: { readonly retentionDays: number; readonly now: number },
): Promise<HistoryRetention> {
  const days = await readTemporalRetention(access);
  const since = now - retentionDays * DAY_MS;
  let exported = 0;
  let waiting = 0;
  let firstClosedAt = Infinity;
  let page: Uint8Array | undefined;
  do {
    const { executions, next } = await listEnded(access, { since, page });
    const missing = await notExported(database, executions);
    exported += executions.length - missing.length;
    waiting += missing.length;
    firstClosedAt = Math.min(firstClosedAt, ...missing.map(({ closedAt = Infinity }) => closedAt));
    page = next;
  } while (page);
  const firstLostAt = waiting > 0 ? new Date(firstClosedAt + days * DAY_MS) : undefined;
  return { days, exported, waiting, firstLostAt };
}

/** The oldest event that is there, of any chain. */
export async function oldestEvent({
  tables,
}: Pick<AuditDatabase, 'tables'>): Promise<Date | undefined> {
  // Of each chain the first one: its events are about in the order of their times.
  const chains = await tables.selectFrom('audit_chains').select(['chain', 'pruned_size']).execute();
  const times: number[] = [];
  for (const { chain, pruned_size: size } of chains) {
    const first = await tables
      .selectFrom('audit_events')
      .select('time')
      .where('chain', '=', chain)
      .where('seq', '=', size + 1)
      .executeTakeFirst();
    if (first) times.push(first.time);
  }
  return times.length > 0 ? new Date(Math.min(...times)) : undefined;
}
