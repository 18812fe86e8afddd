import { requireScopes, type McpServer } from '@modelcontextprotocol/server';

import type { Tool } from '../tools/tool.ts';
import { scopeOfRequest } from './rules.ts';

/**
 * Has the SDK answer over HTTP with 403, and the scope to ask for, before a request reaches its handler.
 * It asks per registered tool; ours are not registered with it, so it is told here.
 */
export function challengeScopes(server: McpServer, tools: readonly Tool[]): void {
  server.resolveScopeChallenge = async (context) => {
    const scope = scopeOfRequest(tools, context.request);
    if (scope === undefined) return undefined;
    const challenge = await requireScopes(scope)(context);
    return challenge && { ...challenge, errorDescription: `This needs the scope ${scope}.` };
  };
}
