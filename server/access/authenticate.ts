import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';

import type { Logger } from '../../platform/logging.ts';
import { Failure } from '../../schemas/failure.ts';
import { refusal } from '../routes/refusal.ts';
import type { Authentication } from './authentication.ts';
import { noCredentials, unauthenticated } from './credential-failures.ts';
import type { DoorEnvironment } from './door-environment.ts';

/** RFC 6750: the scheme in any case, one credential and nothing after it. */
const BEARER = /^bearer +([\w.~+/-]+=*)$/i;

/** Lets in whoever shows who they are, in the header Authorization and nowhere else; tells routes who it is. */
export function authenticate(authentication: Authentication, logger: Logger) {
  const metadataUrl = authentication.resource?.metadataUrl;
  return createMiddleware<DoorEnvironment>(async (c, next) => {
    try {
      c.set('caller', await authentication.callerOf(credentialOf(c)));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      c.set('refused', error.code);
      const about = { err: error, request: c.get('requestId'), path: loggedPath(c.req.path) };
      logger[levelOf(c, error)](about, 'not let in');
      return refusal(error, undefined, { metadataUrl });
    }
    return next();
  });
}

/** Of an address that is nearly the codec's, the rest may be its token. */
function loggedPath(path: string): string {
  return path.replace(/(codec\/).*/is, '$1…');
}

/** Clients of OAuth ask without a token first. */
function levelOf(c: Context, { code }: Failure): 'error' | 'info' | 'debug' {
  if (code === 'AUTHENTICATION_UNAVAILABLE') return 'error';
  return c.req.header('authorization') === undefined ? 'debug' : 'info';
}

/** @throws Failure UNAUTHENTICATED */
function credentialOf(c: Context): string {
  const header = c.req.header('authorization');
  if (header === undefined) throw noCredentials();
  const [, credential] = BEARER.exec(header) ?? [];
  if (credential === undefined) throw unauthenticated();
  return credential;
}
