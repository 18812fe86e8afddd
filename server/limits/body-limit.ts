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
/** And by the callers of one tenant: a few bodies that come slowly must not keep out everybody's. */
const LARGEST_OF_ONE = 2;

/**
 * Bodies of bounded size, together as well as each, and none that would be costly to parse. Comes after
 * authentication: of a stranger's body nothing is read.
 */
export function bodyLimit(maxBytes: number) {
  const total = createSpace(LARGEST_AT_ONCE * maxBytes);
  const ofTenants = new Map<string, Space>();
  function spaceOf(tenant: string | undefined): Space {
    if (tenant === undefined) return total;
    const own = ofTenants.get(tenant) ?? createSpace(LARGEST_OF_ONE * maxBytes, total);
    ofTenants.set(tenant, own);
    return own;
  }
  return createMiddleware<DoorEnvironment>(async (c, next) => {
    const { raw } = c.req;
    if (!raw.body) return next();
    const length = c.req.header('content-length');
    const declared = length === undefined ? undefined : Number(length);
    if (declared !== undefined && declared > maxBytes) return refusal(tooLarge(maxBytes));
    if (declared !== undefined && declared <= SMALL_BYTES) return next();
    const space = spaceOf(c.get('caller')?.tenant);
    let held = declared ?? maxBytes;
    if (!space.take(held)) return refuseTooMany(busy(), c.req.path);
    try {
      const bytes = await readWithin(raw.body, maxBytes);
      if (bytes === 'too large') return refusal(tooLarge(maxBytes));
      if (bytes === 'broken off') return refusal(brokenOff());
      // One in chunks may have had less than was kept for it.
      space.give(held - bytes.byteLength);
      held = bytes.byteLength;
      if (isCostlyJson(bytes)) return refusal(costly());
      c.req.raw = new Request(raw, { body: bytes });
      return await next();
    } finally {
      space.give(held);
    }
  });
}

/** Bytes to be taken and given back, together with those of a larger space that they are part of. */
interface Space {
  readonly take: (bytes: number) => boolean;
  readonly give: (bytes: number) => void;
}

function createSpace(size: number, whole?: Space): Space {
  let left = size;
  return {
    take(bytes) {
      if (bytes > left || whole?.take(bytes) === false) return false;
      left -= bytes;
      return true;
    },
    give(bytes) {
      left += bytes;
      whole?.give(bytes);
    },
  };
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
