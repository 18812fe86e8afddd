import { createHash } from 'node:crypto';

import { z } from 'zod';

import { Failure } from '../../schemas/failure.ts';
import type { ListRunsRequest } from '../../schemas/list-runs.ts';

/** Where a list goes on. */
export interface ListPosition {
  /** MLflow's own token. */
  readonly pageToken: string;
  /** In ms: later pages leave out runs that started after the first, which would shift the rest. */
  readonly until: number;
}

const cursorShape = z.tuple([z.string().min(1), z.number().int(), z.string()]);

/** An opaque text that {@link readCursor} takes only together with the same request. */
export function writeCursor(request: ListRunsRequest, position: ListPosition): string {
  const { pageToken, until } = position;
  const fields = [pageToken, until, digestOf(request, position)];
  return Buffer.from(JSON.stringify(fields)).toString('base64url');
}

/**
 * The position in a request's cursor; undefined when it has none.
 * @throws Failure INVALID_REQUEST for one of another request, and for no cursor of ours
 */
export function readCursor(request: ListRunsRequest): ListPosition | undefined {
  if (request.cursor === undefined) return undefined;
  try {
    const text = Buffer.from(request.cursor, 'base64url').toString();
    const [pageToken, until, digest] = cursorShape.parse(JSON.parse(text));
    const position = { pageToken, until };
    if (digest === digestOf(request, position)) return position;
  } catch {
    // No cursor of ours: refused below, like one of another request.
  }
  throw new Failure(
    'INVALID_REQUEST',
    'cursor does not belong to this request.',
    'Send next_cursor with the very arguments of the call that answered it, or leave cursor out to start anew.',
  );
}

function digestOf(request: ListRunsRequest, position: ListPosition): string {
  const { cursor: _cursor, ...query } = request;
  const bound = JSON.stringify([query, position.pageToken, position.until]);
  return createHash('sha256').update(bound).digest('base64url').slice(0, 16);
}
