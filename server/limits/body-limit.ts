import { createMiddleware } from 'hono/factory';

import { Failure } from '../../schemas/failure.ts';
import type { DoorEnvironment } from '../access/door-environment.ts';
import { refusal } from '../routes/refusal.ts';
import { isCostlyJson } from './json-cost.ts';
import { readWithin } from './read-within.ts';
import { refuseTooMany } from './refuse-too-many.ts';

/** Most requests are smaller; what is larger is looked at before anybody parses it. */
const SMALL_BYTES = 64 * 1024;
/** Bodies of the largest size that are held at once. */
const LARGEST_AT_ONCE = 4;

/**
 * Bodies of bounded size, together as well as each, and none that would be costly to parse. Comes after
 * authentication: of a stranger's body nothing is read.
 */
export function bodyLimit(maxBytes: number) {
  let room = LARGEST_AT_ONCE * maxBytes;
  return createMiddleware<DoorEnvironment>(async (c, next) => {
    const { raw } = c.req;
    if (!raw.body) return next();
    const length = c.req.header('content-length');
    const declared = length === undefined ? undefined : Number(length);
    if (declared !== undefined && declared > maxBytes) return refusal(tooLarge(maxBytes));
    if (declared !== undefined && declared <= SMALL_BYTES) return next();
    const held = declared ?? maxBytes;
    if (held > room) return refuseTooMany(busy(), c.req.path);
    room -= held;
    try {
      const bytes = await readWithin(raw.body, maxBytes);
      if (bytes === 'too large') return refusal(tooLarge(maxBytes));
      if (bytes === 'broken off') return refusal(brokenOff());
      if (isCostlyJson(bytes)) return refusal(costly());
      c.req.raw = new Request(raw, { body: bytes });
      return await next();
    } finally {
      room += held;
    }
  });
}

function tooLarge(maxBytes: number): Failure {
  return new Failure(
    'REQUEST_TOO_LARGE',
    `A request may have at most ${maxBytes} bytes.`,
    'Put the data into a file or a database and name it as the source.',
  );
}

function busy(): Failure {
  return new Failure(
    'RATE_LIMITED',
    'The server is reading as many large requests as it can hold.',
    'Send it again in a few seconds; or put the data into a file or a database and name it as the source.',
    { retryAfterSeconds: 3 },
  );
}

function brokenOff(): Failure {
  return new Failure('INVALID_REQUEST', 'The body has broken off.', 'Send it again as a whole.');
}

function costly(): Failure {
  return new Failure(
    'REQUEST_TOO_LARGE',
    'The body has more lists and objects, or more of them in each other, than any request needs.',
    'Send at most a million records, or put them into a file or a database.',
  );
}
