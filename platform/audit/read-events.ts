import type { AuditEvent, EventName } from '../../schemas/audit-event.ts';
import { GENESIS, type ChainedEvent } from './chain.ts';
import type { AuditDatabase } from './database/open-database.ts';
import type { EventRow } from './database/tables.ts';

/** Rows in memory at once, however long a chain is. */
const PAGE = 2000;

/** The rows of a chain from `after` on, in their order. */
export async function* readRows(
  { tables }: Pick<AuditDatabase, 'tables'>,
  {
    chain,
    after = 0,
    to = Infinity,
  }: { readonly chain: string; readonly after?: number; readonly to?: number },
): AsyncGenerator<EventRow> {
  for (let last = after; ;) {
    const query = tables
      .selectFrom('audit_events')
      .selectAll()
      .where('chain', '=', chain)
      .where('seq', '>', last)
      .orderBy('seq')
      .limit(PAGE);
    const rows = await (to === Infinity ? query : query.where('seq', '<=', to)).execute();
    yield* rows;
    if (rows.length < PAGE) return;
    last = (rows.at(-1) as EventRow).seq;
  }
}

/** Events about a subject ({@link subjectsOf}), the oldest first, at most `limit` after sequence number `after`. */
export async function eventsAbout(
  { tables }: Pick<AuditDatabase, 'tables'>,
  about: {
    readonly chain: string;
    readonly subject: string;
    readonly after?: number;
    readonly limit: number;
    /** Of these names only. */
    readonly names?: readonly EventName[];
  },
): Promise<AuditEvent[]> {
  const query = tables
    .selectFrom('audit_subjects as subjects')
    .innerJoin('audit_events as events', (join) =>
      join.onRef('events.chain', '=', 'subjects.chain').onRef('events.seq', '=', 'subjects.seq'),
    )
    .select('events.body')
    .where('subjects.chain', '=', about.chain)
    .where('subjects.subject', '=', about.subject)
    .where('subjects.seq', '>', about.after ?? 0)
    .orderBy('subjects.seq')
    .limit(about.limit);
  const { names } = about;
  const rows = await (names ? query.where('events.name', 'in', names) : query).execute();
  return rows.map(({ body }) => JSON.parse(body) as AuditEvent);
}

/** An event with its hash and the one before it; undefined for none of that number. */
export async function chainedEvent(
  { tables }: Pick<AuditDatabase, 'tables'>,
  { chain, seq }: { readonly chain: string; readonly seq: number },
): Promise<ChainedEvent | undefined> {
  const rows = await tables
    .selectFrom('audit_events')
    .select(['seq', 'hash', 'body'])
    .where('chain', '=', chain)
    .where('seq', 'in', [seq - 1, seq])
    .execute();
  const own = rows.find((row) => row.seq === seq);
  if (!own) return undefined;
  const before = rows.find((row) => row.seq === seq - 1)?.hash ?? (await prunedHead(tables, chain));
  return { previous: before, hash: own.hash, event: JSON.parse(own.body) as AuditEvent };
}

async function prunedHead(tables: AuditDatabase['tables'], chain: string): Promise<string> {
  const row = await tables
    .selectFrom('audit_chains')
    .select('pruned_head')
    .where('chain', '=', chain)
    .executeTakeFirst();
  return row?.pruned_head ?? GENESIS;
}
