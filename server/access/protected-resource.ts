import {
  buildOAuthProtectedResourceMetadata,
  getOAuthProtectedResourceMetadataUrl,
  type OAuthProtectedResourceMetadata,
} from '@modelcontextprotocol/server';

import type { JwtSettings } from '../../schemas/access-settings.ts';
import type { Config } from '../../schemas/config.ts';
import { AGENT_SCOPES } from './rules.ts';

/** What RFC 9728 calls us, and where the document about it is. */
export interface ProtectedResource {
  readonly metadata: OAuthProtectedResourceMetadata;
  readonly metadataUrl: string;
}

/** Of the issuer only its name is told: clients read its own metadata from itself. */
export function protectedResource(
  { publicUrl }: Pick<Config, 'publicUrl'>,
  { issuer }: Pick<JwtSettings, 'issuer'>,
): ProtectedResource {
  const resourceServerUrl = new URL(`${publicUrl}/mcp`);
  const nothingMore = {
    authorization_endpoint: '',
    token_endpoint: '',
    response_types_supported: [],
  };
  return {
    metadata: buildOAuthProtectedResourceMetadata({
      ...{ oauthMetadata: { issuer, ...nothingMore }, resourceServerUrl },
      ...{ scopesSupported: [...AGENT_SCOPES], resourceName: 'Durable experiments' },
    }),
    metadataUrl: getOAuthProtectedResourceMetadataUrl(resourceServerUrl),
  };
}
