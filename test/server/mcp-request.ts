import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  PROTOCOL_VERSION_META_KEY,
} from '@modelcontextprotocol/server';

/** A JSON-RPC answer: one of the two is there. */
export interface McpAnswer {
  readonly status: number;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

export const TASKS = { extensions: { 'io.modelcontextprotocol/tasks': {} } };

/** A bare request of the 2026-07-28 revision, for what the SDK’s client does not speak. */
export async function mcpRequest(
  post: (init: RequestInit) => Response | Promise<Response>,
  method: string,
  params: Readonly<Record<string, unknown>>,
  capabilities: object = TASKS,
): Promise<McpAnswer> {
  const name = params['name'] ?? params['taskId'] ?? params['uri'];
  const _meta = {
    ...(params['_meta'] as object | undefined),
    [PROTOCOL_VERSION_META_KEY]: '2026-07-28',
    [CLIENT_INFO_META_KEY]: { name: 'task-agent', version: '1' },
    [CLIENT_CAPABILITIES_META_KEY]: capabilities,
  };
  const response = await post({
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      ...{ 'mcp-protocol-version': '2026-07-28', 'mcp-method': method },
      // Encoded, so that any id fits into a header.
      ...(typeof name === 'string' && {
        'mcp-name': `=?base64?${Buffer.from(name).toString('base64')}?=`,
      }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } }),
  });
  return { status: response.status, ...((await response.json()) as object) };
}
