import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';

export const AUDIENCE = 'https://experiments.example/mcp';

/** An authorization server as far as we see one: it signs tokens, and publishes its keys. */
export async function startIssuer(alg = 'RS256') {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'first', alg, use: 'sig' };
  let asked = 0;
  const server = createServer((request, response) => {
    void answer(request).then((body) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(body));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const claims = {
    iss: issuer,
    aud: AUDIENCE,
    sub: 'ada',
    tenant: 'acme',
    scope: 'runs:read openid',
  };

  /** What clients of OAuth asked for, in the order in which they did. */
  const grants: { scope: string | null; resource: string | null }[] = [];

  async function answer(request: IncomingMessage): Promise<object> {
    switch (request.url) {
      case '/jwks.json':
        asked += 1;
        return { keys: [jwk] };
      case '/token': {
        const form = new URLSearchParams(await text(request));
        const [scope, resource] = [form.get('scope'), form.get('resource')];
        grants.push({ scope, resource });
        // As one that gives no more than reading until it is asked for more.
        const granted = grants.length === 1 ? 'runs:read' : scope;
        const access_token = await token({ aud: resource, scope: granted });
        return { access_token, token_type: 'Bearer', expires_in: 300, scope: granted };
      }
      default:
        return {
          ...{ issuer, token_endpoint: `${issuer}/token`, authorization_endpoint: `${issuer}/no` },
          ...{ response_types_supported: ['code'], grant_types_supported: ['client_credentials'] },
          ...{ code_challenge_methods_supported: ['S256'] },
          token_endpoint_auth_methods_supported: ['client_secret_basic'],
        };
    }
  }

  /** A token that is right but for what is changed; a claim of undefined is left out. */
  async function token(
    changes: Readonly<Record<string, unknown>> = {},
    header: Readonly<Record<string, unknown>> = {},
    key: Parameters<SignJWT['sign']>[0] = privateKey,
  ): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ ...claims, iat: now, exp: now + 300, ...changes })
      .setProtectedHeader({ alg, kid: 'first', typ: 'at+jwt', ...header })
      .sign(key);
  }

  return {
    ...{ issuer, token, privateKey, jwksUrl: `${issuer}/jwks.json` },
    publicPem: await exportSPKI(publicKey),
    asked: () => asked,
    grants,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
