import type { Logger } from '../../platform/logging.ts';
import type { Caller } from '../../schemas/caller.ts';
import { isLoopback, type Config } from '../../schemas/config.ts';
import { Failure } from '../../schemas/failure.ts';
import { createApiKeys } from './api-keys.ts';
import { looksLikeKey } from './api-key.ts';
import { createJwtCheck } from './jwt.ts';
import { readKeyList } from './key-list.ts';
import { protectedResource, type ProtectedResource } from './protected-resource.ts';
import { noCredentials, unauthenticated, unavailable } from './credential-failures.ts';

/** How callers show who they are. */
export interface Authentication {
  /** @throws Failure UNAUTHENTICATED, AUTHENTICATION_UNAVAILABLE */
  callerOf(credential: string): Promise<Caller>;
  /** Where clients learn who issues tokens; undefined when only keys are taken. */
  readonly resource?: ProtectedResource | undefined;
}

/** Longer than any token that an issuer makes. */
const LONGEST_CREDENTIAL = 8192;

/**
 * Keys, tokens, or both, as the settings have them; undefined when they have neither: then nobody is asked.
 * Decided at the start, so that a file that goes missing later opens no door.
 * @throws Failure SETUP_FAILED on a damaged file of keys, or a named one that is missing
 */
export async function createAuthentication(
  config: Config,
  logger: Logger,
): Promise<Authentication | undefined> {
  const found = await readKeyList(config.apiKeysFile);
  // A misspelt path must not open the server.
  if (!found && config.API_KEYS_FILE !== undefined) throw noSuchFile(config.API_KEYS_FILE);
  if (!found && !config.jwt) return undefined;
  const keys = createApiKeys(config.apiKeysFile, logger);
  const checkToken = config.jwt && createJwtCheck(config.jwt);
  const callerOf = async (credential: string): Promise<Caller> => {
    if (credential.length > LONGEST_CREDENTIAL) throw unauthenticated();
    if (!looksLikeKey(credential)) {
      if (checkToken) return checkToken(credential);
      throw unauthenticated();
    }
    const caller = await keys.callerOf(credential).catch((cause: unknown) => {
      throw unavailable({ cause });
    });
    if (caller) return caller;
    throw unauthenticated();
  };
  return { callerOf, resource: config.jwt ? protectedResource(config, config.jwt) : undefined };
}

function noSuchFile(path: string): Failure {
  return new Failure(
    'SETUP_FAILED',
    `There is no file of keys ${path}, which API_KEYS_FILE names.`,
    'Make a key with “npm run keys -- add --name me” under the same setting, or leave it unset.',
  );
}

/** The names that clients call the server by, besides loopback ones. */
export function hostNames({ HOST, ALLOWED_HOSTS, PUBLIC_URL }: Config): string[] {
  const published = PUBLIC_URL === undefined ? [] : [new URL(PUBLIC_URL).hostname];
  return [HOST, ...ALLOWED_HOSTS, ...published];
}

/** A server that asks nobody who they are is for this machine only. @throws Failure SETUP_FAILED */
export function demandAuthentication(
  config: Config,
  authentication: Authentication | undefined,
): void {
  const outside = hostNames(config).find((name) => !isLoopback(name));
  if (authentication || outside === undefined) return;
  throw new Failure(
    'SETUP_FAILED',
    `The server would answer as ${outside} to anybody, without asking who calls.`,
    'Make a key with “npm run keys -- add --name me” (or set JWT_ISSUER, JWT_AUDIENCE and JWT_JWKS_URL), ' +
      'then start it again; or leave HOST, ALLOWED_HOSTS and PUBLIC_URL unset to serve this machine only.',
  );
}

/**
 * Who starts a server for themselves, on stdio: by a key or token in EXPERIMENTS_API_KEY.
 * @returns undefined on a server that asks nobody. @throws Failure as callerOf, and when there is none
 */
export async function ownIdentity(
  config: Config,
  authentication: Authentication | undefined,
): Promise<Caller | undefined> {
  if (!authentication) return undefined;
  const { EXPERIMENTS_API_KEY: credential } = config;
  try {
    if (credential === undefined) throw noCredentials();
    return await authentication.callerOf(credential);
  } catch (cause) {
    if (!(cause instanceof Failure) || cause.code !== 'UNAUTHENTICATED') throw cause;
    const hint = 'Set EXPERIMENTS_API_KEY to a valid key (npm run keys) or token.';
    throw new Failure(cause.code, cause.message, hint, { cause });
  }
}
