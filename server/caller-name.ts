import {
  CLIENT_INFO_META_KEY,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';

/** The client's own name: in each request of the newer revision, from the handshake over older stdio. */
export function callerName(server: Server, { mcpReq }: ServerContext): string {
  const envelope: Partial<Record<string, unknown>> = mcpReq.envelope ?? {};
  const client = (envelope[CLIENT_INFO_META_KEY] ?? server.getClientVersion()) as
    { readonly name?: string } | undefined;
  const name = client?.name?.replace(/[^\p{L}\p{N} ._/@-]/gu, '').slice(0, 100);
  return name === undefined || name === '' ? 'mcp' : name;
}
