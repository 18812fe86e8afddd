import type { AuditEvent } from '../../../schemas/audit-event.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { grown, rootOf, type TreeHead } from '../merkle.ts';
import { inOrder, type ChainVerdict, type Finding } from './finding.ts';
import { disowned, linkProblem, misplaced, pushedIn, type Passed } from './link-problems.ts';
import type { SignedCheckpoints } from './signed-checkpoints.ts';

/** An event as it was found. */
export interface Link {
  readonly seq: number;
  /** The hash that stands beside it, hex. */
  readonly hash: string;
  /** Canonical JSON, as it was hashed. */
  readonly body: string;
  /** Parsed; undefined when the body is no JSON. */
  readonly event: AuditEvent | undefined;
  /** The hash that it names as the one before, where it names one. */
  readonly previous?: string | undefined;
  /** What is wrong around the event, and leaves the chain as it is. */
  readonly beside?: string | undefined;
}

/** What a chain goes on from. */
export interface ChainStart extends TreeHead {
  readonly head: string;
}

export interface ChainToWalk {
  readonly chain: string;
  readonly start: ChainStart;
  /** Events that there must be. */
  readonly size: number;
  /** Some at once. */
  readonly links: AsyncIterable<readonly Link[]>;
  readonly checkpoints: SignedCheckpoints;
  /** Greater ones than this must be there when an event names them. */
  readonly checkpointsAfter: number;
  /** Told of each full subtree of the Merkle tree. */
  readonly onSubtree?: (leaves: number, root: string) => void;
}

/** A verdict with the end that the chain came to. */
export interface WalkedChain extends ChainVerdict {
  readonly tree: TreeHead;
  readonly head: string;
}

/** Of what is wrong around events, the first tells enough. */
const MOST_BESIDE = 100;
/** Hashes that are kept, to recognise events which others were pushed in front of. */
const RECENT = 1000;

/** Follows a chain event by event. Its tree grows over the hashes as they stand: a checkpoint tells whether they are the signed ones. */
export async function walkChain(walk: ChainToWalk): Promise<WalkedChain> {
  const { chain, start, checkpoints } = walk;
  const beside: Finding[] = [];
  let { head } = start;
  let tree: TreeHead = start;
  let covered = 0;
  let coveredAt: string | undefined;
  let agreeing = 0;
  /** Name of the first event that no checkpoint covers so far. */
  let uncovered: string | undefined;
  let suspect: Finding | undefined;
  let verdict: Finding | undefined;
  const recent: Passed[] = [{ hash: head, name: undefined }];
  let checkpoint = await checkpoints.next();
  // Of those that end before the start nothing is left but their signatures.
  while (checkpoint && checkpoint.size < start.size) checkpoint = await checkpoints.next();

  /** Compares with the checkpoints of this size. */
  async function compare(): Promise<void> {
    while (checkpoint?.size === tree.size && !verdict) {
      const { size, time } = checkpoint;
      if (agrees(checkpoint, head, tree)) {
        verdict = suspect;
        [covered, coveredAt, agreeing, uncovered] = [size, time, agreeing + 1, undefined];
        checkpoint = await checkpoints.next();
      } else verdict = disagreement(size);
    }
  }

  function disagreement(size: number): Finding {
    const from = Math.max(covered, start.size) + 1;
    if (suspect) return { ...suspect, from: Math.min(from, suspect.seq ?? from), checkpoint: size };
    const seq = Math.min(from, size);
    const problem = `this event, or one after it up to event ${size}, was rewritten: the checkpoint of size ${size} does not agree.`;
    return { chain, seq, name: uncovered, from: seq, to: size, checkpoint: size, problem };
  }

  await compare();
  pages: for await (const page of walk.links) {
    for (const link of page) {
      if (verdict) break pages;
      const { seq, hash, event } = link;
      const name = event?.['event.name'];
      if (seq !== tree.size + 1) {
        suspect ??= { chain, ...misplaced(seq, tree.size, name) };
        break pages;
      }
      const problem = linkProblem(chain, link, head);
      if (problem !== undefined) {
        suspect ??= disowned(chain, link, recent) ??
          pushedIn(chain, link, recent) ?? { chain, seq, name, problem };
      }
      if (link.beside !== undefined && beside.length < MOST_BESIDE) {
        beside.push({ chain, seq, name, problem: link.beside });
      }
      const witness = problem === undefined && event?.['event.name'] === 'audit.checkpoint';
      const named = witness ? await checkpointProblem(event, walk) : undefined;
      if (named) beside.push(named);
      uncovered ??= name;
      head = hash;
      if (recent.push({ hash, name }) > 2 * RECENT) recent.splice(0, RECENT);
      tree = grown(tree, hash, (leaves, root) => walk.onSubtree?.(leaves, root));
      if (checkpoint?.size === tree.size) await compare();
    }
  }
  const last = Math.max(walk.size, checkpoint?.size ?? 0);
  if (!verdict && !suspect && tree.size < last) {
    const missing = tree.size + 1 === last ? 'it is' : `it and all up to event ${last} are`;
    suspect = { ...{ chain, seq: tree.size + 1 }, problem: `${missing} missing.` };
  }
  if (!verdict && suspect) {
    const from = Math.max(covered, start.size) + 1;
    verdict = { ...suspect, from: Math.min(from, suspect.seq ?? from) };
  }
  // The rest have signatures to check, too.
  while (checkpoint) checkpoint = await checkpoints.next();
  return {
    ...{ chain, size: tree.size, seen: tree.size - start.size, root: rootOf(tree) },
    ...{ start: start.size, tree, head },
    ...{ checkpoints: agreeing, covered, coveredAt },
    findings: inOrder([...(verdict ? [verdict] : []), ...beside, ...checkpoints.findings]),
    warnings: checkpoints.warnings,
  };
}

function agrees(checkpoint: Checkpoint, head: string, tree: TreeHead): boolean {
  return checkpoint.head === head && checkpoint.root === rootOf(tree);
}

/** An event that tells of a checkpoint is a witness of it. */
async function checkpointProblem(
  event: AuditEvent,
  { chain, checkpoints, checkpointsAfter }: ChainToWalk,
): Promise<Finding | undefined> {
  if (event['event.name'] !== 'audit.checkpoint') return undefined;
  const size = event['checkpoint.size'];
  if (size <= checkpointsAfter) return undefined;
  const sha256 = await checkpoints.sha256(size);
  if (sha256 === event['checkpoint.sha256']) return undefined;
  const what = sha256 === undefined ? 'is not there' : 'is another than the one that was published';
  const problem = `the checkpoint of size ${size}, of which it tells, ${what}.`;
  return { chain, seq: event['audit.seq'], name: event['event.name'], checkpoint: size, problem };
}
