import type { AuditEvent } from '../../schemas/audit-event.ts';
import type { ChainedEvent } from './chain.ts';
import { signCheckpoint, type Checkpoint } from './checkpoint.ts';
import type { AuditDatabase } from './database/open-database.ts';
import { inclusionPaths } from './inclusion-proofs.ts';
import type { KeyStatement, SigningKeys } from './signing-keys.ts';

/** An event with the proof that it is in the tree of a checkpoint. */
export interface ProvenEvent extends ChainedEvent {
  /** Merkle inclusion path, from the leaf to the root. */
  readonly path: readonly string[];
}

/** What a run takes with it: all that the log holds of it, and a signature over it that needs no log. */
export interface Receipt {
  readonly format: 'durable-experiments-receipt/1';
  readonly chain: string;
  readonly workflow_id: string;
  readonly checkpoint: Checkpoint;
  readonly keys: readonly KeyStatement[];
  readonly events: readonly ProvenEvent[];
}

/** Events of one run, at most: a run that was retried for years has a receipt of its last ones. */
const MOST_EVENTS = 1000;

/** Makes the receipt of a run as the log stands; undefined when the log knows nothing of it. */
export async function makeReceipt(
  database: AuditDatabase,
  keys: SigningKeys,
  {
    chain,
    workflowId,
    now,
  }: { readonly chain: string; readonly workflowId: string; readonly now: Date },
): Promise<Receipt | undefined> {
  const events = await chainedEventsOf(database, { chain, workflowId });
  const checkpoint =
    events.length > 0 ? await signCheckpoint(database, keys, { chain, now }) : undefined;
  if (!checkpoint) return undefined;
  const seqs = events.map(({ event }) => event['audit.seq']);
  const paths = await inclusionPaths(database, { chain, size: checkpoint.size, seqs });
  return {
    format: 'durable-experiments-receipt/1',
    ...{ chain, workflow_id: workflowId, checkpoint },
    keys: keys.statements,
    events: events.map((one) => ({ ...one, path: paths.get(one.event['audit.seq']) as string[] })),
  };
}

/** The events of a run with their hashes and those before them, in their order. */
export async function chainedEventsOf(
  { tables }: Pick<AuditDatabase, 'tables'>,
  { chain, workflowId }: { readonly chain: string; readonly workflowId: string },
): Promise<ChainedEvent[]> {
  const rows = await tables
    .selectFrom('audit_subjects as subjects')
    .innerJoin('audit_events as events', (join) =>
      join.onRef('events.chain', '=', 'subjects.chain').onRef('events.seq', '=', 'subjects.seq'),
    )
    .leftJoin('audit_events as before', (join) =>
      join
        .onRef('before.chain', '=', 'subjects.chain')
        .on('before.seq', '=', (on) => on('subjects.seq', '-', 1)),
    )
    .innerJoin('audit_chains as chains', 'chains.chain', 'subjects.chain')
    .select(['events.body', 'events.hash', 'before.hash as previous', 'chains.pruned_head'])
    .where('subjects.chain', '=', chain)
    .where('subjects.subject', '=', `workflow:${workflowId}`)
    .orderBy('subjects.seq', 'desc')
    .limit(MOST_EVENTS)
    .execute();
  return rows
    .map(({ body, hash, previous, pruned_head }) => ({
      ...{ hash, previous: previous ?? pruned_head },
      event: JSON.parse(body) as AuditEvent,
    }))
    .reverse();
}
