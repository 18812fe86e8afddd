import { requireScopes, type McpServer } from '@modelcontextprotocol/server';

import type { Scope } from '../../schemas/caller.ts';
import type { Tool } from '../tools/tool.ts';
import { scopeOfRequest } from './rules.ts';

/**
 * Has the SDK answer over HTTP with 403, and the scope to ask for, before a request reaches its handler.
 * It asks per registered tool; ours are not registered with it, so it is told here.
 * @param refused told before the answer
 */
export function challengeScopes(
  server: McpServer,
  tools: readonly Tool[],
  refused: (request: { method: string; params?: unknown }, scope: Scope) => Promise<void>,
): void {
  server.resolveScopeChallenge = async (context) => {
    const scope = scopeOfRequest(tools, context.request);
    if (scope === undefined) return undefined;
    const challenge = await requireScopes(scope)(context);
    if (challenge) await refused(context.request, scope);
    return challenge && { ...challenge, errorDescription: `This needs the scope ${scope}.` };
  };
}
