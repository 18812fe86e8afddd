import { hash } from 'node:crypto';

import type { AuditEvent } from '../../schemas/audit-event.ts';
import { Failure } from '../../schemas/failure.ts';
import type { AuditLog } from './audit-log.ts';
import { canonical } from './chain.ts';
import { signCheckpoint, type Checkpoint } from './checkpoint.ts';
import { checkpointName, isCheckpointName } from './checkpoint-name.ts';
import type { CheckpointStore } from './checkpoint-store.ts';
import { rootAt } from './inclusion-proofs.ts';
import type { SigningKeys } from './signing-keys.ts';

type CheckpointEvent = Extract<AuditEvent, { 'event.name': 'audit.checkpoint' }>;

export interface CheckpointDependencies {
  readonly log: AuditLog;
  readonly keys: SigningKeys;
  readonly store: CheckpointStore;
  readonly now?: () => Date;
  /** The newest checkpoint of each chain that this process knows. */
  readonly newest?: Map<string, Checkpoint>;
}

/**
 * Signs a chain, puts the checkpoint outside the database, and records in the chain that it did: from then on
 * neither can be taken back without the other.
 * @returns undefined when nothing has come since the last checkpoint
 * @throws Failure SETUP_FAILED for a chain that does not go on from what was signed last
 */
export async function publishCheckpoint(
  { log, keys, store, now = () => new Date(), newest = new Map() }: CheckpointDependencies,
  chain: string,
): Promise<Checkpoint | undefined> {
  if (!(await hasGrown(log, chain))) return undefined;
  await demandContinuity(log, newest.get(chain) ?? (await newestIn(store, chain)));
  const checkpoint = await signCheckpoint(log.database, keys, { chain, now: now() });
  if (!checkpoint) return undefined;
  await publishKeys({ keys, store });
  const name = checkpointName(checkpoint);
  const own = `${canonical(checkpoint)}\n`;
  await store.put(name, own);
  // Another process may have been first with a chain of this size: then its text counts.
  const text = await store.get(name);
  await log.record({
    ...{ name: 'audit.checkpoint', chain, id: `checkpoint/${checkpoint.size}` },
    fields: {
      'checkpoint.size': checkpoint.size,
      'checkpoint.root': checkpoint.root,
      'checkpoint.sha256': hash('sha256', text),
    },
  });
  const published = JSON.parse(text) as Checkpoint;
  newest.set(chain, published);
  return published;
}

async function newestIn(store: CheckpointStore, chain: string): Promise<Checkpoint | undefined> {
  const name = (await store.list(`${chain}/`)).filter(isCheckpointName).at(-1);
  return name === undefined ? undefined : (JSON.parse(await store.get(name)) as Checkpoint);
}

/** A signature under a chain that somebody has written anew would make it the true one. */
async function demandContinuity(
  { database }: AuditLog,
  last: Checkpoint | undefined,
): Promise<void> {
  if (!last) return;
  const root = await rootAt(database, last).catch(() => undefined);
  if (root === last.root) return;
  throw new Failure(
    'SETUP_FAILED',
    `The audit log of ${last.chain} does not go on from its checkpoint at event ${last.size}, and is not signed any more.`,
    'Somebody has changed it, or an older state was restored: run “durable-experiments audit verify”.',
  );
}

/** The public keys beside the checkpoints that they verify. */
export async function publishKeys({
  keys,
  store,
}: Pick<CheckpointDependencies, 'keys' | 'store'>): Promise<void> {
  for (const statement of keys.statements) {
    await store.put(`keys/${statement.key_id}.json`, `${canonical(statement)}\n`);
  }
}

/** Whether an event has come that is not signed; the one that a checkpoint leaves behind is no reason for another. */
async function hasGrown({ database }: AuditLog, chain: string): Promise<boolean> {
  const events = database.tables.selectFrom('audit_events').where('chain', '=', chain);
  const last = await events
    .select('body')
    .where('name', '=', 'audit.checkpoint')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  const signed = last ? (JSON.parse(last.body) as CheckpointEvent)['checkpoint.size'] : 0;
  const unsigned = await events
    .select('seq')
    .where('seq', '>', signed)
    .where('name', '<>', 'audit.checkpoint')
    .limit(1)
    .executeTakeFirst();
  return unsigned !== undefined;
}

/** All chains that there are. */
export async function chainsOf({ database }: Pick<AuditLog, 'database'>): Promise<string[]> {
  const rows = await database.tables
    .selectFrom('audit_chains')
    .select('chain')
    .orderBy('chain')
    .execute();
  return rows.map(({ chain }) => chain);
}
