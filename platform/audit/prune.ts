import { Failure } from '../../schemas/failure.ts';
import type { AuditLog } from './audit-log.ts';
import { canonical } from './chain.ts';
import type { CheckpointStore } from './checkpoint-store.ts';
import { NODE_LEAVES } from './database/tables.ts';
import { EMPTY_TREE, grown, rootOf, type TreeHead } from './merkle.ts';
import { takeEvents } from './prune-step.ts';
import { readRows } from './read-events.ts';
import { publicKeyOf, type SigningKeys } from './signing-keys.ts';
import { described } from './verification/finding.ts';
import { createKeyRing } from './verification/key-ring.ts';
import { verifyDatabaseChain } from './verification/verify-database.ts';

/** What of a chain may go: events `after` + 1 to `to`; none when both are the same. */
export interface Pruning {
  readonly chain: string;
  readonly after: number;
  readonly to: number;
}

export interface PruneDependencies {
  readonly log: AuditLog;
  readonly keys: SigningKeys;
  readonly store: CheckpointStore;
}

/** Events that go in one transaction: others wait for it to append theirs. */
const EVENTS_A_STEP = 16 * NODE_LEAVES;

/**
 * What may be pruned: events older than that, from the chain's beginning, which a signed checkpoint covers, in
 * whole subtrees, so that what stays can be proven as before. The whole chain is verified first: pruning
 * shall take no trace of a change away.
 * @throws Failure BLOB_CORRUPT when the chain is not as it was signed
 */
export async function planPruning(
  { log: { database }, keys, store }: PruneDependencies,
  { chain, before }: { readonly chain: string; readonly before: Date },
): Promise<Pruning> {
  const statements = keys.statements.map((one) => [`keys/${one.key_id}.json`, canonical(one)]);
  const ring = createKeyRing(
    new Map(statements as [string, string][]),
    keys.statements.map(publicKeyOf),
  );
  const verdict = await verifyDatabaseChain(database, { checkpoints: store, keys: ring }, chain);
  const [finding] = verdict.findings;
  if (finding) {
    throw new Failure(
      'BLOB_CORRUPT',
      `The chain is not as it was signed, and nothing is taken from it: ${described(finding)}`,
      'See “durable-experiments audit verify”.',
    );
  }
  const young = await database.tables
    .selectFrom('audit_events')
    .select((on) => on.fn.min('seq').as('seq'))
    .where('chain', '=', chain)
    .where('time', '>=', before.getTime())
    .executeTakeFirst();
  const old = (young?.seq ?? verdict.size + 1) - 1;
  const whole = Math.floor(Math.min(old, verdict.covered) / NODE_LEAVES) * NODE_LEAVES;
  return { chain, after: verdict.start, to: Math.max(verdict.start, whole) };
}

/** Records that the events go, then takes them. Stopped halfway, the next pruning goes on from there. */
export async function prune(
  { log }: Pick<PruneDependencies, 'log'>,
  { chain, to }: Pruning,
  operator: { readonly 'user.id': string },
): Promise<void> {
  const steps = await stepsTo(log, { chain, to });
  const last = steps.at(-1);
  if (!last) return;
  await log.record({
    ...{ name: 'audit.pruned', chain, id: `pruned/${to}` },
    fields: { ...operator, 'pruned.size': to, 'pruned.root': rootOf(last.tree) },
  });
  for (const step of steps) await takeEvents(log.database, { chain, to, ...step });
}

/** The chain's end as it was after each part that goes at once. */
async function stepsTo({ database }: AuditLog, { chain, to }: Pick<Pruning, 'chain' | 'to'>) {
  const row = await database.tables
    .selectFrom('audit_chains')
    .select(['pruned_size', 'pruned_frontier'])
    .where('chain', '=', chain)
    .executeTakeFirst();
  const after = row?.pruned_size ?? 0;
  let tree: TreeHead = row
    ? { size: after, frontier: JSON.parse(row.pruned_frontier) as string[] }
    : EMPTY_TREE;
  const steps: { readonly tree: TreeHead; readonly head: string }[] = [];
  for await (const { seq, hash: head } of readRows(database, { chain, after, to })) {
    if (seq !== tree.size + 1) throw prunedMeanwhile();
    tree = grown(tree, head);
    if (tree.size === to || tree.size % EVENTS_A_STEP === 0) steps.push({ tree, head });
  }
  return steps;
}

function prunedMeanwhile(): Failure {
  return new Failure(
    'AUDIT_UNAVAILABLE',
    'Somebody else prunes the log at this moment.',
    'Give the command again when that is done.',
  );
}
