import {
  bearerAuthChallengeResponse,
  OAuthError,
  OAuthErrorCode,
} from '@modelcontextprotocol/server';

import type { Scope } from '../../schemas/caller.ts';
import { FAILURES, type Failure } from '../../schemas/failure.ts';
import type { RunFailure } from '../../schemas/run-view.ts';
import { runFailure } from '../tools/run-failure.ts';
import { AGENT_SCOPES } from '../access/rules.ts';

interface Challenge {
  /** What whoever comes again should bring. */
  readonly scopes?: readonly Scope[] | undefined;
  readonly metadataUrl?: string | undefined;
}

/** A failure as the HTTP doors answer it before any tool is called. */
export function refusal(
  failure: Failure,
  status: number = FAILURES[failure.code].status,
  challenge: Challenge = {},
): Response {
  const shown = runFailure(failure);
  const body = { error: shown.message, failure: shown };
  return Response.json(body, { status, headers: challengeHeaders(shown, challenge) });
}

/** WWW-Authenticate as RFC 6750 and MCP have it; Retry-After where the same request may do soon. */
export function challengeHeaders(
  { code, message, retry_after_seconds: seconds }: RunFailure,
  { scopes = AGENT_SCOPES, metadataUrl }: Challenge,
): Record<string, string> {
  if (seconds !== undefined) return { 'retry-after': String(seconds) };
  if (code === 'AUTHENTICATION_UNAVAILABLE') return { 'retry-after': '5' };
  if (code !== 'UNAUTHENTICATED' && code !== 'SCOPE_MISSING') return {};
  const kind =
    code === 'SCOPE_MISSING' ? OAuthErrorCode.InsufficientScope : OAuthErrorCode.InvalidToken;
  const { headers } = bearerAuthChallengeResponse(new OAuthError(kind, message), {
    requiredScopes: [...scopes],
    ...(metadataUrl !== undefined && { resourceMetadataUrl: metadataUrl }),
  });
  return { 'www-authenticate': headers.get('www-authenticate') ?? 'Bearer' };
}
