import { z } from 'zod';

import { canonical } from './chain.ts';
import type { AuditDatabase } from './database/open-database.ts';
import { rootOf } from './merkle.ts';
import type { SigningKeys } from './signing-keys.ts';

const hex = z.string().regex(/^[0-9a-f]{64}$/);

/** A chain as it was at some time, signed: nothing of what it covers can be changed any more without a trace. */
export const checkpointSchema = z.strictObject({
  format: z.literal('durable-experiments-checkpoint/1'),
  chain: z.string(),
  size: z.number().int().positive(),
  /** Hash of the last event. */
  head: hex,
  /** Root of the Merkle tree over the hashes of all events. */
  root: hex,
  time: z.iso.datetime(),
  key_id: z.string(),
  /** Ed25519 over the canonical JSON of the other fields, base64. */
  signature: z.base64(),
});
export type Checkpoint = z.infer<typeof checkpointSchema>;

/** What a checkpoint's signature is over. */
export function checkpointText({ signature: _signature, ...checkpoint }: Checkpoint): string {
  return canonical(checkpoint);
}

/** A signed checkpoint of a chain as it is now; undefined for a chain without events. */
export async function signCheckpoint(
  { tables }: Pick<AuditDatabase, 'tables'>,
  keys: SigningKeys,
  { chain, now }: { readonly chain: string; readonly now: Date },
): Promise<Checkpoint | undefined> {
  const row = await tables
    .selectFrom('audit_chains')
    .selectAll()
    .where('chain', '=', chain)
    .executeTakeFirst();
  if (!row || row.size === 0) return undefined;
  const unsigned = {
    format: 'durable-experiments-checkpoint/1',
    ...{ chain, size: row.size, head: row.head },
    root: rootOf({ frontier: JSON.parse(row.frontier) as string[] }),
    time: now.toISOString(),
    key_id: keys.keyId,
  } as const;
  return { ...unsigned, signature: keys.sign(canonical(unsigned)) };
}
