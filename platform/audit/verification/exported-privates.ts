import { isCommittedBy } from '../commitment.ts';
import { eventOf } from './database-links.ts';
import { linesOf } from './lines.ts';

/** Commitments of private texts that are not what was committed to. */
export async function brokenPrivates(path: string): Promise<Set<string>> {
  const broken = new Set<string>();
  // An export may come without them.
  for await (const line of linesOf(path)) {
    const { commitment, salt, body } = (eventOf(line) ?? {}) as Readonly<Record<string, unknown>>;
    const right =
      typeof salt === 'string' && typeof body === 'string' && isCommittedBy(commitment, salt, body);
    if (!right) broken.add(String(commitment));
  }
  return broken;
}

/** Says of the first event with a broken private text that it is. */
export function privateProblem(
  event: Readonly<Record<string, unknown>>,
  broken: Set<string>,
): string | undefined {
  if (broken.size === 0) return undefined;
  const found = Object.values(event).find((value) => broken.delete(String(value)));
  return found === undefined
    ? undefined
    : 'the private text beside it is not the one that it commits to.';
}
