import { createMiddleware } from 'hono/factory';

import type { DoorEnvironment } from '../access/door-environment.ts';
import { addressKey } from '../limits/address-key.ts';
import { remoteAddress } from '../limits/request-rates.ts';
import type { Refusals } from './refusals.ts';

/** Counts the requests that a door says it has refused. */
export function countRefusals(refusals: Pick<Refusals, 'add'> | undefined) {
  return createMiddleware<DoorEnvironment>(async (c, next) => {
    await next();
    const code = c.get('refused');
    if (code === undefined || !refusals) return;
    refusals.add({ code, caller: c.get('caller'), address: addressKey(remoteAddress(c)) });
  });
}
