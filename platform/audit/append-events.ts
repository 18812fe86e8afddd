import type { Insertable, Transaction } from 'kysely';

import type { AuditEvent } from '../../schemas/audit-event.ts';
import { canonical, chainHash, GENESIS } from './chain.ts';
import type { AuditDatabase } from './database/open-database.ts';
import {
  NODE_LEAVES,
  type AuditTables,
  type EventRow,
  type NodeRow,
  type PrivateRow,
  type SubjectRow,
} from './database/tables.ts';
import { subjectsOf } from './event-subjects.ts';
import { grown, type TreeHead } from './merkle.ts';

/** An event before it has its place: everything but chain and sequence number. */
export type PlacelessEvent = AuditEvent extends infer Event
  ? Event extends AuditEvent
    ? Omit<Event, 'audit.seq'>
    : never
  : never;

export interface NewEvent {
  readonly event: PlacelessEvent;
  /** Whether its id was made for it: then it is in the log only if it was sent before. */
  readonly fresh: boolean;
  /** Texts that the event commits to. */
  readonly secrets: readonly Omit<PrivateRow, 'chain'>[];
}

/** More in one statement than both databases take values. */
const ROWS_A_STATEMENT = 500;

/**
 * Appends events to their chains in one transaction, in the order given. An event whose id its chain has
 * already is left out: after an answer that never came it may be sent again.
 * @param again whether they may be there from an earlier try
 */
export async function appendEvents(
  { tables, kind }: AuditDatabase,
  events: readonly NewEvent[],
  { again }: { readonly again: boolean },
): Promise<void> {
  const byChain = Map.groupBy(events, ({ event }) => event['audit.chain']);
  // In one order for all writers, or two that want the same two chains would wait for each other for ever.
  const chains = [...byChain.keys()].sort();
  await tables.transaction().execute(async (writing) => {
    for (const chain of chains) {
      await appendToChain({ writing, kind, chain, again }, byChain.get(chain) as NewEvent[]);
    }
  });
}

interface Place {
  readonly writing: Transaction<AuditTables>;
  readonly kind: AuditDatabase['kind'];
  readonly chain: string;
  readonly again: boolean;
}

async function appendToChain(place: Place, given: readonly NewEvent[]): Promise<void> {
  const { writing, chain } = place;
  const last = await lockChain(place);
  const events = await unknownOf(place, given);
  if (events.length === 0) return;
  let head = last.head;
  let tree: TreeHead = { size: last.size, frontier: JSON.parse(last.frontier) as string[] };
  const nodes: NodeRow[] = [];
  const subjects: SubjectRow[] = [];
  const rows = events.map(({ event }): EventRow => {
    const placed = { ...event, 'audit.seq': tree.size + 1 } as AuditEvent;
    const body = canonical(placed);
    head = chainHash(head, body);
    tree = grown(tree, head, (leaves, root) => {
      const position = (tree.size + 1) / NODE_LEAVES - 1;
      if (leaves === NODE_LEAVES) nodes.push({ chain, position, root });
    });
    const seq = tree.size;
    subjects.push(...subjectsOf(placed).map((subject) => ({ chain, subject, seq })));
    const { 'event.id': id, 'event.name': name } = placed;
    const time = Date.parse(placed.timestamp);
    return { chain, seq, id, name, time, hash: head, body };
  });
  const secrets = events.flatMap((event) => event.secrets.map((secret) => ({ ...secret, chain })));
  await insertAll(writing, 'audit_events', rows);
  await insertAll(writing, 'audit_subjects', subjects);
  await insertAll(writing, 'audit_nodes', nodes);
  await insertAll(writing, 'audit_private', secrets);
  await writing
    .updateTable('audit_chains')
    .set({ size: tree.size, head, frontier: JSON.stringify(tree.frontier) })
    .where('chain', '=', chain)
    .execute();
}

/** The chain as it is now; nobody else appends to it until the transaction ends. */
async function lockChain({ writing, kind, chain }: Place) {
  const row = writing.selectFrom('audit_chains').selectAll().where('chain', '=', chain);
  const query = kind === 'postgres' ? row.forUpdate() : row;
  const found = await query.executeTakeFirst();
  if (found) return found;
  await writing
    .insertInto('audit_chains')
    .values({
      ...{ chain, size: 0, head: GENESIS, frontier: '[]' },
      ...{ pruned_size: 0, pruned_head: GENESIS, pruned_frontier: '[]' },
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return query.executeTakeFirstOrThrow();
}

async function unknownOf(
  { writing, chain, again }: Place,
  given: readonly NewEvent[],
): Promise<NewEvent[]> {
  const known = new Set<string>();
  for (const part of partsOf(given.filter(({ fresh }) => again || !fresh))) {
    const ids = part.map(({ event }) => event['event.id']);
    const found = await writing
      .selectFrom('audit_events')
      .select('id')
      .where('chain', '=', chain)
      .where('id', 'in', ids)
      .execute();
    for (const { id } of found) known.add(id);
  }
  return given.filter(({ event: { 'event.id': id } }) => !known.has(id) && known.add(id));
}

async function insertAll<Name extends keyof AuditTables>(
  writing: Transaction<AuditTables>,
  table: Name,
  rows: readonly Insertable<AuditTables[Name]>[],
): Promise<void> {
  for (const part of partsOf(rows)) {
    const insert = writing.insertInto(table).values(part);
    // Two events may commit to the same text; two events in one place would be a broken chain.
    const twice = table === 'audit_private';
    await (twice ? insert.onConflict((conflict) => conflict.doNothing()) : insert).execute();
  }
}

function partsOf<T>(rows: readonly T[]): T[][] {
  const parts = Math.ceil(rows.length / ROWS_A_STATEMENT);
  return Array.from({ length: parts }, (_, part) =>
    rows.slice(part * ROWS_A_STATEMENT, (part + 1) * ROWS_A_STATEMENT),
  );
}
