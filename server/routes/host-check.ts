import {
  hostHeaderValidationResponse,
  localhostAllowedHostnames,
  originValidationResponse,
} from '@modelcontextprotocol/server';
import { createMiddleware } from 'hono/factory';

import { Failure } from '../../schemas/failure.ts';
import type { DoorEnvironment } from '../access/door-environment.ts';
import { refusal } from './refusal.ts';

/** A page in a browser may not reach us under a name of its own (DNS rebinding). */
export function hostCheck(allowedHosts: readonly string[]) {
  const hosts = [...localhostAllowedHostnames(), ...allowedHosts];
  return createMiddleware<DoorEnvironment>(async (c, next) => {
    const refused =
      hostHeaderValidationResponse(c.req.raw, hosts) ??
      // There the Temporal UI asks, from an origin that need not be ours.
      (c.req.path.startsWith('/codec/') ? undefined : originValidationResponse(c.req.raw, hosts));
    if (!refused) return next();
    c.set('refused', 'HOST_NOT_ALLOWED');
    if (c.req.path === '/mcp') return refused;
    return refusal(
      new Failure(
        'HOST_NOT_ALLOWED',
        'The server does not answer under this host name or to pages of this origin.',
        'Call it by its own address, or name the host in ALLOWED_HOSTS.',
      ),
    );
  });
}
