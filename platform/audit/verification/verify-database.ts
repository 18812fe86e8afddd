import { GENESIS } from '../chain.ts';
import type { AuditDatabase } from '../database/open-database.ts';
import type { ChainRow } from '../database/tables.ts';
import { EMPTY_TREE, isFrontierOf, rootOf } from '../merkle.ts';
import { createNodeCheck, privateProblems, subjectProblems } from './beside-chain.ts';
import { databaseLinks, eventOf } from './database-links.ts';
import { inOrder, type ChainVerdict, type Finding } from './finding.ts';
import type { KeyRing } from './key-ring.ts';
import { signedCheckpoints, type CheckpointSource } from './signed-checkpoints.ts';
import { walkChain, type ChainStart, type Link, type WalkedChain } from './walk-chain.ts';

type Database = Pick<AuditDatabase, 'tables'>;

/** What a database is verified with. */
export interface DatabaseProof {
  readonly checkpoints: CheckpointSource;
  readonly keys: KeyRing;
}

/** The chains of a database, and those of which only checkpoints are left. */
export async function chainsToVerify(
  { tables }: Database,
  { checkpoints }: Pick<DatabaseProof, 'checkpoints'>,
): Promise<string[]> {
  const rows = await tables.selectFrom('audit_chains').select('chain').execute();
  const strays = await tables.selectFrom('audit_events').select('chain').distinct().execute();
  const signed = (await checkpoints.list('')).flatMap(
    (name) => /^(.+)\/\d+\.json$/.exec(name)?.[1] ?? [],
  );
  return [...new Set([...[...rows, ...strays].map(({ chain }) => chain), ...signed])].sort();
}

/** Verifies one chain; reads only, and sees it as it was when it began. */
export async function verifyDatabaseChain(
  database: Database,
  { checkpoints: source, keys }: DatabaseProof,
  chain: string,
): Promise<ChainVerdict> {
  // Before the chain’s row: what is signed meanwhile goes beyond what is looked at.
  const checkpoints = await signedCheckpoints(source, chain, keys);
  const { row, last, count } = await chainNow(database, chain);
  const findings: Finding[] = [];
  const start = startOf(row, findings);
  const unrecorded = await pruneProblem(database, chain, start);
  if (unrecorded) findings.push(unrecorded);
  const size = row?.size ?? 0;
  const part = { chain, after: start.size, to: size };
  const subjects = { expected: 0 };
  const nodes = createNodeCheck(database, part);
  const walked = await walkChain({
    ...{ chain, start, size, checkpoints, checkpointsAfter: 0 },
    links: comparedNow(databaseLinks(database, part, subjects), nodes.compare),
    onSubtree: nodes.onSubtree,
  });
  findings.push(...walked.findings);
  await nodes.compare();
  if (last > size) {
    const problem = `it is there, but the chain ends with event ${size}.`;
    findings.push({ chain, seq: size + 1, problem });
  }
  if (walked.size === size && !findings.some(({ seq }) => seq !== undefined)) {
    findings.push(...endProblems(row, walked));
    if (count !== size - start.size) {
      const problem = `There are ${count} rows, but events ${start.size + 1} to ${size} only.`;
      findings.push({ chain, problem });
    }
    findings.push(...(await subjectProblems(database, part, subjects.expected)));
    findings.push(...nodes.findings);
  }
  findings.push(...(await privateProblems(database, part)));
  const { tree: _tree, head: _head, ...verdict } = walked;
  return { ...verdict, findings: inOrder(findings) };
}

/** In one statement: what another process appends at this moment is in both or in neither. */
async function chainNow({ tables }: Database, chain: string) {
  const events = tables.selectFrom('audit_events').where('chain', '=', chain);
  const last = events.select((on) => on.fn.max('seq').as('last'));
  const count = events.select((on) => on.fn.countAll<number>().as('count'));
  const found = await tables
    .selectFrom('audit_chains')
    .selectAll()
    .select([last.as('last'), count.as('count')])
    .where('chain', '=', chain)
    .executeTakeFirst();
  const ends = found ?? { ...(await last.executeTakeFirst()), ...(await count.executeTakeFirst()) };
  return { row: found, last: Number(ends.last ?? 0), count: Number(ends.count ?? 0) };
}

/** Whoever prunes records it first: a beginning that is gone without such an event was hidden. */
async function pruneProblem(
  { tables }: Database,
  chain: string,
  start: ChainStart,
): Promise<Finding | undefined> {
  if (start.size === 0) return undefined;
  const row = await tables
    .selectFrom('audit_events')
    .select('body')
    .where('chain', '=', chain)
    .where('name', '=', 'audit.pruned')
    .where('seq', '>', start.size)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  const told = (row && eventOf(row.body)) as Readonly<Record<string, unknown>> | undefined;
  const size = Number(told?.['pruned.size'] ?? 0);
  const right =
    size > start.size || (size === start.size && told?.['pruned.root'] === rootOf(start));
  if (right) return undefined;
  const gone = start.size === 1 ? 'it is' : `it and all up to event ${start.size} are`;
  return { chain, seq: 1, problem: `${gone} missing, and no event tells that they were pruned.` };
}

function startOf(row: ChainRow | undefined, findings: Finding[]): ChainStart {
  const genesis = { ...EMPTY_TREE, head: GENESIS };
  if (!row || row.pruned_size === 0) return genesis;
  const frontier = frontierOf(row.pruned_frontier, row.pruned_size);
  if (frontier) return { size: row.pruned_size, head: row.pruned_head, frontier };
  const problem = `what is remembered of the ${row.pruned_size} events before it is damaged.`;
  findings.push({ chain: row.chain, seq: row.pruned_size + 1, problem });
  return { size: row.pruned_size, head: row.pruned_head, frontier: [] };
}

function frontierOf(text: string, size: number): string[] | undefined {
  try {
    const roots = JSON.parse(text) as unknown;
    if (!Array.isArray(roots) || !roots.every((root) => typeof root === 'string')) return undefined;
    return isFrontierOf(size, roots) ? roots : undefined;
  } catch {
    return undefined;
  }
}

/** What the next event would be appended to. */
function endProblems(
  row: ChainRow | undefined,
  { chain, size, head, tree }: Pick<WalkedChain, 'chain' | 'size' | 'head' | 'tree'>,
): Finding[] {
  if (!row || size === 0) return [];
  const right = row.head === head && row.frontier === JSON.stringify(tree.frontier);
  const problem = 'the chain’s end in audit_chains is not that of this last event.';
  return right ? [] : [{ chain, seq: size, problem }];
}

/** Compares nodes as they come together, so that they need no room. */
async function* comparedNow(
  pages: AsyncIterable<readonly Link[]>,
  compare: () => Promise<void>,
): AsyncGenerator<readonly Link[]> {
  for await (const page of pages) {
    await compare();
    yield page;
  }
}
