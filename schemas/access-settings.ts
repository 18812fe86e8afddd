import { z } from 'zod';

import { tenantSchema } from './caller.ts';
import { httpUrl, isLoopback, list, trustedUrl } from './setting-kinds.ts';

/** Signatures that need a private key to make: with HS256, whoever can check a token could make one. */
const ALGORITHMS = [
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const),
] as const;

/** Who may call. */
export const accessSettings = {
  PUBLIC_URL: httpUrl
    .optional()
    .describe(
      'Where clients reach the server, without /mcp: for OAuth, and one more allowed host.',
    ),
  API_KEYS_FILE: z
    .string()
    .optional()
    .describe('Keys of callers, from “npm run keys”; STATE_DIR/keys/api-keys.json.'),
  EXPERIMENTS_API_KEY: z
    .string()
    .optional()
    .describe('Key or token of whoever starts the server on stdio.'),
  JWT_ISSUER: trustedUrl
    .optional()
    .describe('Whose tokens are taken: the claim iss, letter by letter.'),
  JWT_AUDIENCE: z.string().optional().describe('What a token has as aud when it is meant for us.'),
  JWT_JWKS_URL: trustedUrl.optional().describe('Where the issuer’s public keys are.'),
  JWT_ALGORITHMS: list
    .prefault('RS256,ES256,EdDSA')
    .pipe(
      z
        .array(z.enum(ALGORITHMS, { error: `may be ${ALGORITHMS.join(', ')}` }))
        .min(1, 'names none'),
    )
    .describe('Signatures that tokens may have.'),
  JWT_TENANT_CLAIM: z.string().default('tenant').describe('The claim that has the tenant’s name.'),
  JWT_TENANT: tenantSchema.optional().describe('The tenant of every token, whatever it claims.'),
};

type AccessSettings = z.infer<z.ZodObject<typeof accessSettings>>;

/** What makes no sense alone. */
export function checkAccessSettings(
  settings: AccessSettings & { readonly HOST: string },
  context: z.RefinementCtx,
): void {
  const names = ['JWT_ISSUER', 'JWT_AUDIENCE', 'JWT_JWKS_URL'] as const;
  const missing = names.filter((name) => settings[name] === undefined);
  const say = (name: keyof AccessSettings, message: string): void =>
    context.addIssue({ code: 'custom', path: [name], message });
  if (missing.length === names.length) return;
  for (const name of missing) say(name, `is missing: tokens need ${names.join(', ')}`);
  if (settings.PUBLIC_URL === undefined && !isLoopback(settings.HOST)) {
    say('PUBLIC_URL', 'is missing: clients with tokens are told the server’s address');
  }
}

/** The settings of tokens, when they are taken. */
export interface JwtSettings {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string;
  readonly algorithms: readonly string[];
  readonly tenantClaim: string;
  readonly tenant?: string | undefined;
}

/** Null when no token is taken. */
export function jwtSettings(settings: AccessSettings): JwtSettings | null {
  const { JWT_ISSUER: issuer, JWT_AUDIENCE: audience, JWT_JWKS_URL: jwksUrl } = settings;
  if (issuer === undefined || audience === undefined || jwksUrl === undefined) return null;
  return {
    ...{ issuer, audience, jwksUrl, algorithms: settings.JWT_ALGORITHMS },
    ...{ tenantClaim: settings.JWT_TENANT_CLAIM, tenant: settings.JWT_TENANT },
  };
}

/** Where clients reach the server, without a slash at its end. */
export function publicUrl({
  PUBLIC_URL: given,
  HOST: host,
  PORT: port,
}: Pick<AccessSettings, 'PUBLIC_URL'> & { readonly HOST: string; readonly PORT: number }): string {
  const bare = host.replace(/^\[|\]$/g, '');
  return (given ?? `http://${bare.includes(':') ? `[${bare}]` : bare}:${port}`).replace(/\/+$/, '');
}
