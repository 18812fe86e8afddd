import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';

import type { JwtSettings } from '../../schemas/access-settings.ts';
import { SCOPES, tenantSchema, type Caller, type Scope } from '../../schemas/caller.ts';
import { Failure } from '../../schemas/failure.ts';
import { unauthenticated, unavailable } from './credential-failures.ts';

/** Of the issuer’s clock and ours. */
const TOLERANCE_SECONDS = 30;
/** After which a key that the issuer has withdrawn counts no longer. */
const JWKS_MAX_AGE_MILLISECONDS = 600_000;
/** However many tokens name keys that there aren’t, the issuer is asked no more often. */
const JWKS_COOLDOWN_MILLISECONDS = 30_000;
const JWKS_PATIENCE_MILLISECONDS = 5000;
/** RFC 9068’s, and what issuers write that do not follow it; a token without a type is taken as well. */
const TYPES = new Set([undefined, 'at+jwt', 'application/at+jwt', 'jwt']);
/** Goes into logs and to MLflow. */
const SUBJECT = /^[\x20-\x7e]{1,255}$/;

/**
 * Checks tokens of one issuer: signature by its published keys, issuer, audience, times, type.
 * @returns who calls with a token. @throws Failure UNAUTHENTICATED, or AUTHENTICATION_UNAVAILABLE while the
 * keys can’t be fetched: a client that is told 401 throws a good token away
 */
export function createJwtCheck(settings: JwtSettings): (token: string) => Promise<Caller> {
  const keys = publishedKeys(new URL(settings.jwksUrl));
  const { issuer, audience } = settings;
  const options = {
    ...{ issuer, audience, algorithms: [...settings.algorithms] },
    ...{ requiredClaims: ['exp', 'sub', 'aud'], clockTolerance: TOLERANCE_SECONDS },
  };
  return async (token) => {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keys, options);
      if (!TYPES.has(protectedHeader.typ?.toLowerCase())) throw unauthenticated();
      return callerOf(payload, settings);
    } catch (error) {
      throw error instanceof Failure ? error : unauthenticated({ cause: error });
    }
  };
}

function publishedKeys(url: URL): JWTVerifyGetKey {
  const published = createRemoteJWKSet(url, {
    timeoutDuration: JWKS_PATIENCE_MILLISECONDS,
    cooldownDuration: JWKS_COOLDOWN_MILLISECONDS,
    cacheMaxAge: JWKS_MAX_AGE_MILLISECONDS,
  });
  return async (header, token) => {
    try {
      return await published(header, token);
    } catch (error) {
      const noSuchKey =
        error instanceof errors.JWKSNoMatchingKey ||
        error instanceof errors.JWKSMultipleMatchingKeys;
      throw noSuchKey ? error : unavailable({ cause: error });
    }
  };
}

function callerOf(payload: JWTPayload, { tenant, tenantClaim }: JwtSettings): Caller {
  const { sub: subject = '' } = payload;
  const named = tenantSchema.safeParse(tenant ?? payload[tenantClaim]);
  if (!named.success || !SUBJECT.test(subject)) throw unauthenticated();
  return { tenant: named.data, subject, scopes: scopesOf(payload) };
}

/** Those that we know, of `scope` (RFC 9068) or of `scp` (Entra, Okta); other resources’ mean nothing here. */
function scopesOf({ scope, scp }: JWTPayload): Scope[] {
  const given = scope ?? scp;
  const words: unknown[] = typeof given === 'string' ? given.split(' ') : [given].flat();
  return SCOPES.filter((known) => words.includes(known));
}
