import type { ChainedEvent } from './chain.ts';
import { signCheckpoint, type Checkpoint } from './checkpoint.ts';
import type { AuditDatabase } from './database/open-database.ts';
import { inclusionPaths } from './inclusion-proofs.ts';
import { chainedEvents, seqsOfRun } from './read-events.ts';
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
  const seqs = (await seqsOfRun(database, { chain, workflowId })).slice(-MOST_EVENTS);
  if (seqs.length === 0) return undefined;
  const events = await chainedEvents(database, { chain, seqs });
  const checkpoint = await signCheckpoint(database, keys, { chain, now });
  if (!checkpoint) return undefined;
  const paths = await inclusionPaths(database, { chain, size: checkpoint.size, seqs });
  return {
    format: 'durable-experiments-receipt/1',
    ...{ chain, workflow_id: workflowId, checkpoint },
    keys: keys.statements,
    events: events.map(({ seq, ...one }) => ({ ...one, path: paths.get(seq) as string[] })),
  };
}
