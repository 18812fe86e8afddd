import { eventProblem } from '../../../schemas/audit-event.ts';
import { canonical, chainHash } from '../chain.ts';
import type { Finding } from './finding.ts';
import type { Link } from './walk-chain.ts';

/** What is wrong with an event in its place. @param head hash of the event before, as it stands there */
export function linkProblem(
  chain: string,
  { seq, hash, body, event }: Link,
  head: string,
): string | undefined {
  if (!event) return 'its text is no JSON.';
  if (event['audit.chain'] !== chain)
    return `it belongs to the chain ${shown(event['audit.chain'])}.`;
  if (event['audit.seq'] !== seq) return `event ${shown(event['audit.seq'])} stands in its place.`;
  if (chainHash(head, body) !== hash) {
    return 'its hash is not that of its text after the event before.';
  }
  const problem = eventProblem(event);
  if (problem !== undefined) return `it is no event of this log: ${problem}.`;
  return isCanonical(event, body) ? undefined : 'its text is not canonical JSON.';
}

/** What there is instead of the event after `size`. */
export function misplaced(
  seq: number,
  size: number,
  name: string | undefined,
): Pick<Finding, 'seq' | 'name' | 'problem'> {
  if (seq <= size) return { seq, name, problem: 'it is there more than once, or out of order.' };
  const missing = seq === size + 2 ? 'it is' : `it and all up to event ${seq - 1} are`;
  return { seq: size + 1, problem: `${missing} missing.` };
}

/** An event that was walked past. */
export interface Passed {
  readonly hash: string;
  readonly name: string | undefined;
}

/** When an event follows from another hash than that of the one before, which it still names: the one before was changed. */
export function disowned(
  chain: string,
  { seq, hash, body, previous }: Link,
  recent: readonly Passed[],
): Finding | undefined {
  const before = recent.at(-1);
  if (recent.length < 2 || previous === undefined || previous === before?.hash) return undefined;
  if (chainHash(previous, body) !== hash) return undefined;
  const problem = 'its hash is not the one that the event after it follows from.';
  return { chain, seq: seq - 1, name: before?.name, problem };
}

/** When an event that was moved on still follows from the one before its old place: what stands there now. */
export function pushedIn(
  chain: string,
  { seq, hash, body, event }: Link,
  recent: readonly Passed[],
): Finding | undefined {
  const old = event?.['audit.seq'];
  if (old === undefined || !Number.isInteger(old) || old >= seq) return undefined;
  const before = recent[recent.length - 1 - (seq - old)];
  const there = recent[recent.length - (seq - old)];
  // One that stands there twice was not pushed on by itself.
  if (!before || !there || there.hash === hash || chainHash(before.hash, body) !== hash)
    return undefined;
  const problem = `it was pushed in: the event that follows from event ${old - 1} stands at ${seq}.`;
  return { chain, seq: old, name: there.name, problem };
}

/** A flat object is written by JSON.stringify as RFC 8785 wants it, if its keys are in order and no surrogate is alone. */
function isCanonical(event: object, body: string): boolean {
  if (JSON.stringify(event) === body && !body.includes('\\ud')) {
    const keys = Object.keys(event);
    if (keys.every((key, at) => at === 0 || (keys[at - 1] as string) < key)) return true;
  }
  try {
    return canonical(event) === body;
  } catch {
    return false;
  }
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}
