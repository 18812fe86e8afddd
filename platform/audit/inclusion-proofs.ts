import type { AuditDatabase } from './database/open-database.ts';
import { NODE_LEAVES } from './database/tables.ts';
import { EMPTY_ROOT, inclusionPath, leafHash, leftSize, nodeHash } from './merkle.ts';

type Tables = AuditDatabase['tables'];

/**
 * Paths of events in the tree of their chain as it was at `size`, by sequence number. Reads the hashes of a
 * few hundred events and one root for each {@link NODE_LEAVES} of the rest.
 * @throws Error when an event that a path needs has been pruned
 */
export async function inclusionPaths(
  { tables }: Pick<AuditDatabase, 'tables'>,
  {
    chain,
    size,
    seqs,
  }: { readonly chain: string; readonly size: number; readonly seqs: readonly number[] },
): Promise<Map<number, string[]>> {
  const subtree = rememberedSubtrees(tables, chain);
  const paths = new Map<number, string[]>();
  for (const seq of seqs) paths.set(seq, await inclusionPath(seq - 1, size, subtree));
  return paths;
}

/** Root of a chain’s tree as it was at `size`. @throws Error when the chain is shorter */
export function rootAt(
  { tables }: Pick<AuditDatabase, 'tables'>,
  { chain, size }: { readonly chain: string; readonly size: number },
): Promise<string> {
  return rememberedSubtrees(tables, chain)(0, size);
}

function rememberedSubtrees(tables: Tables, chain: string) {
  const known = new Map<string, string>();
  const leaves = new Map<number, Promise<readonly string[]>>();
  const nodes = tables
    .selectFrom('audit_nodes')
    .select(['position', 'root'])
    .where('chain', '=', chain)
    .execute()
    .then((rows) => new Map(rows.map(({ position, root }) => [position, root])));
  const block = (position: number): Promise<readonly string[]> => {
    const found = leaves.get(position) ?? hashesOf(tables, chain, position);
    leaves.set(position, found);
    return found;
  };

  return subtree;

  async function subtree(from: number, to: number): Promise<string> {
    const key = `${from}-${to}`;
    const found = known.get(key) ?? (await made(from, to));
    known.set(key, found);
    return found;
  }

  async function made(from: number, to: number): Promise<string> {
    const position = Math.floor(from / NODE_LEAVES);
    if (to - from === NODE_LEAVES && from % NODE_LEAVES === 0) {
      const node = (await nodes).get(position);
      if (node !== undefined) return node;
    }
    if (to - from === 1) {
      const hash = (await block(position))[from % NODE_LEAVES];
      if (hash === undefined) throw new RangeError(`event ${from + 1} of ${chain} is not there`);
      return leafHash(hash);
    }
    if (to === from) return EMPTY_ROOT;
    const middle = from + leftSize(to - from);
    return nodeHash(await subtree(from, middle), await subtree(middle, to));
  }
}

async function hashesOf(
  tables: Tables,
  chain: string,
  position: number,
): Promise<readonly string[]> {
  const first = position * NODE_LEAVES + 1;
  const rows = await tables
    .selectFrom('audit_events')
    .select('hash')
    .where('chain', '=', chain)
    .where('seq', '>=', first)
    .where('seq', '<', first + NODE_LEAVES)
    .orderBy('seq')
    .execute();
  return rows.map(({ hash }) => hash);
}
