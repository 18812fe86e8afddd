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

/** The places of a run’s events, the oldest first; those that a tree of `size` has, where one is given. */
export async function seqsOfRun(
  { tables }: Pick<AuditDatabase, 'tables'>,
  run: { readonly chain: string; readonly workflowId: string; readonly size?: number },
): Promise<number[]> {
  const query = tables
    .selectFrom('audit_subjects')
    .select('seq')
    .where('chain', '=', run.chain)
    .where('subject', '=', `workflow:${run.workflowId}`)
    .orderBy('seq');
  const { size } = run;
  const rows = await (size === undefined ? query : query.where('seq', '<=', size)).execute();
  return rows.map(({ seq }) => seq);
}

/** Events with their hashes and those of the events before them, in their order; numbers that are of none are left out. */
export async function chainedEvents(
  { tables }: Pick<AuditDatabase, 'tables'>,
  { chain, seqs }: { readonly chain: string; readonly seqs: readonly number[] },
): Promise<(ChainedEvent & { readonly seq: number })[]> {
  const rows = await tables
    .selectFrom('audit_events as events')
    .leftJoin('audit_chains as chains', 'chains.chain', 'events.chain')
    .leftJoin('audit_events as before', (join) =>
      join
        .onRef('before.chain', '=', 'events.chain')
        .on('before.seq', '=', (on) => on('events.seq', '-', 1)),
    )
    .select([
      'events.seq',
      'events.hash',
      'events.body',
      'before.hash as previous',
      'chains.pruned_head',
    ])
    .where('events.chain', '=', chain)
    .where('events.seq', 'in', seqs)
    .orderBy('events.seq')
    .execute();
  return rows.map(({ seq, hash, body, previous, pruned_head }) => ({
    seq,
    previous: previous ?? pruned_head ?? GENESIS,
    hash,
    event: JSON.parse(body) as AuditEvent,
  }));
}
