import { z } from 'zod';

import type { Checkpoint } from '../checkpoint.ts';
import { canonical } from '../chain.ts';
import { rootByPath } from '../merkle.ts';
import { linkProblem } from './link-problems.ts';
import type { Link } from './walk-chain.ts';

/** An event as exports and receipts hold it. */
const storedEventSchema = z.strictObject({
  previous: z.string(),
  hash: z.string(),
  path: z.array(z.string()).optional(),
  event: z.looseObject({ 'audit.seq': z.number() }),
});
export type StoredEvent = z.infer<typeof storedEventSchema>;

/** An event out of a line or a list; undefined when it has not the form. */
export function storedEvent(value: unknown): StoredEvent | undefined {
  return storedEventSchema.safeParse(value).data;
}

/** The event as a link; that a text was canonical is lost with its parsing, and asked elsewhere. */
export function linkOfStored({ hash, event }: StoredEvent, body: string): Link {
  return { seq: event['audit.seq'], hash, body, event: event as unknown as Link['event'] };
}

/** The canonical form; that of a text without one is the text of nothing. */
export function canonicalText(value: unknown): string {
  try {
    return canonical(value);
  } catch {
    return '';
  }
}

/** What speaks against an event that is to be in the tree of a checkpoint. */
export function provenProblem(
  stored: StoredEvent,
  { chain, root, size }: Pick<Checkpoint, 'chain' | 'root' | 'size'>,
): string | undefined {
  const { previous, hash, path = [], event } = stored;
  const link = linkOfStored(stored, canonicalText(event));
  const problem = linkProblem(chain, link, previous);
  if (problem !== undefined) return problem;
  const proof = { index: link.seq - 1, size, path };
  return rootByPath(hash, proof) === root
    ? undefined
    : `it is not in the tree of ${size} events that the checkpoint signs.`;
}
