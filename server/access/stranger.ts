import { DEFAULT_TENANT, openCaller, type Caller } from '../../schemas/caller.ts';
import type { Authentication } from './authentication.ts';

/**
 * Who calls where no door has found it out: anybody, on a server that is open to all; on one that asks, somebody
 * who may do nothing. No door should let them as far; should one ever, this is what they find.
 */
export function strangerOf(
  authentication: Authentication | undefined,
): (subject: string) => Caller {
  if (!authentication) return openCaller;
  return (subject) => ({ tenant: DEFAULT_TENANT, subject, scopes: [] });
}
