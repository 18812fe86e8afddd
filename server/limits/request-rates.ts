import { createMiddleware } from 'hono/factory';

import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';

import type { DoorEnvironment } from '../access/door-environment.ts';
import { addressKey } from './address-key.ts';
import type { Rate } from './rate.ts';
import { refuseTooMany } from './refuse-too-many.ts';
import { rateLimited } from './too-many.ts';

const unlimited = createMiddleware<DoorEnvironment>((_c, next) => next());

/** Before anybody is asked who they are: so many requests an address, that of the connection itself. */
export function addressRate(rate: Rate | undefined) {
  if (!rate) return unlimited;
  return createMiddleware<DoorEnvironment>(async (c, next) => {
    const seconds = await rate.take(addressKey(remoteAddress(c)));
    return seconds === 0 ? next() : tooMany(c, seconds);
  });
}

/** After it: so many requests a caller, whatever they ask for. Nobody's are counted on a server open to all. */
export function callerRate(rate: Rate | undefined) {
  if (!rate) return unlimited;
  return createMiddleware<DoorEnvironment>(async (c, next) => {
    const caller = c.get('caller');
    if (!caller) return next();
    const seconds = await rate.take(callerKey(caller));
    return seconds === 0 ? next() : tooMany(c, seconds);
  });
}

function tooMany(c: Context<DoorEnvironment>, seconds: number): Response {
  c.set('refused', 'RATE_LIMITED');
  return refuseTooMany(rateLimited(seconds), c.req.path);
}

/** A tenant’s name holds no slash. */
export function callerKey({ tenant, subject }: { tenant: string; subject: string }): string {
  return `${tenant}/${subject}`;
}

/** Of the connection itself, whatever a header says. */
export function remoteAddress(c: Context<DoorEnvironment>): string {
  return getConnInfo(c).remote.address ?? '';
}
