import type { AuthInfo } from '@modelcontextprotocol/server';

import type { Caller } from '../../schemas/caller.ts';

/** A caller as the SDK hands it on to the server of a request. The token itself goes no further. */
export function authInfoOf(
  caller: Caller | undefined,
  resourceMetadataUrl?: string,
): { authInfo?: AuthInfo } {
  if (!caller) return {};
  const { subject, scopes } = caller;
  return {
    authInfo: {
      ...{ token: '', clientId: subject, scopes: [...scopes], extra: { caller } },
      ...(resourceMetadataUrl !== undefined && { resourceMetadataUrl }),
    },
  };
}

/** The caller in it. */
export function callerIn(authInfo: AuthInfo | undefined): Caller | undefined {
  return authInfo?.extra?.['caller'] as Caller | undefined;
}
