import type { CheckpointStore } from '../checkpoint-store.ts';
import { canonical, GENESIS } from '../chain.ts';
import { sizeInName } from '../checkpoint-name.ts';
import type { Checkpoint } from '../checkpoint.ts';
import type { AuditDatabase } from '../database/open-database.ts';
import type { PrivateRow } from '../database/tables.ts';
import { inclusionPaths } from '../inclusion-proofs.ts';
import { EMPTY_TREE, grown, type TreeHead } from '../merkle.ts';
import { chainedEvents, readRows } from '../read-events.ts';
import type { Manifest } from './manifest.ts';

type Database = Pick<AuditDatabase, 'tables'>;
export type ManifestStart = NonNullable<Manifest['start']>;

const PAGE = 200;

/** Lines of single events, each with its path to the checkpoint's root. */
export async function* provenLines(
  database: Database,
  { chain, size }: Pick<Checkpoint, 'chain' | 'size'>,
  seqs: readonly number[],
): AsyncGenerator<string> {
  const paths = await inclusionPaths(database, { chain, size, seqs });
  for (let from = 0; from < seqs.length; from += PAGE) {
    const page = await chainedEvents(database, { chain, seqs: seqs.slice(from, from + PAGE) });
    for (const { seq, ...one } of page) {
      yield line({ ...one, path: paths.get(seq) as string[] });
    }
  }
}

/** Lines of all events of a chain after its state `start`, up to `to`. */
export async function* contiguousLines(
  database: Database,
  {
    chain,
    start,
    to,
  }: { readonly chain: string; readonly start: ManifestStart; readonly to: number },
): AsyncGenerator<string> {
  let previous = start.head;
  for await (const { hash, body } of readRows(database, { chain, after: start.size, to })) {
    yield line({ previous, hash, event: JSON.parse(body) as unknown });
    previous = hash;
  }
}

/** The first and the last event of a time; undefined when there is none. Both ends included, in milliseconds. */
export async function seqsBetween(
  { tables }: Database,
  chain: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<{ readonly first: number; readonly last: number } | undefined> {
  const found = await tables
    .selectFrom('audit_events')
    .select((on) => [on.fn.min('seq').as('first'), on.fn.max('seq').as('last')])
    .where('chain', '=', chain)
    .where('time', '>=', from)
    .where('time', '<=', to)
    .executeTakeFirst();
  // SQL has a row even where nothing was found.
  const { first, last } = (found ?? {}) as {
    readonly first?: number | null;
    readonly last?: number | null;
  };
  return typeof first === 'number' && typeof last === 'number' ? { first, last } : undefined;
}

/** The state of a chain when it had `size` events: what a verifier of later ones goes on from. */
export async function stateAt(
  database: Database,
  chain: string,
  size: number,
): Promise<ManifestStart> {
  const row = await database.tables
    .selectFrom('audit_chains')
    .select(['pruned_size', 'pruned_head', 'pruned_frontier'])
    .where('chain', '=', chain)
    .executeTakeFirst();
  let head = row?.pruned_head ?? GENESIS;
  let tree: TreeHead = row
    ? { size: row.pruned_size, frontier: JSON.parse(row.pruned_frontier) as string[] }
    : EMPTY_TREE;
  if (tree.size < size) {
    for await (const { hash } of readRows(database, { chain, after: tree.size, to: size })) {
      head = hash;
      tree = grown(tree, hash);
    }
  }
  return { size: tree.size, head, frontier: [...tree.frontier] };
}

/** The sizes of a chain's checkpoints, the smallest first. */
export async function checkpointSizes(
  store: Pick<CheckpointStore, 'list'>,
  chain: string,
): Promise<number[]> {
  const names = await store.list(`${chain}/`);
  return names.map(sizeInName);
}

/** The private texts, those that were not erased, that events commit to. */
export async function* privateLines(
  { tables }: Database,
  chain: string,
  commitments: AsyncIterable<readonly string[]>,
): AsyncGenerator<string> {
  for await (const wanted of commitments) {
    const rows: Pick<PrivateRow, 'commitment' | 'salt' | 'body'>[] = await tables
      .selectFrom('audit_private')
      .select(['commitment', 'salt', 'body'])
      .where('chain', '=', chain)
      .where('commitment', 'in', wanted)
      .orderBy('commitment')
      .execute();
    for (const row of rows) yield line(row);
  }
}

export function line(value: unknown): string {
  return `${canonical(value)}\n`;
}
