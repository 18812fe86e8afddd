import {
  CLIENT_INFO_META_KEY,
  Server,
  type McpServerFactory,
  type ServerContext,
} from '@modelcontextprotocol/server';

import type { Experiments } from './experiments/experiments.ts';
import { servePrompts } from './prompts.ts';
import { serveResources } from './resources/serve-resources.ts';
import type { CallContext, Tool } from './tools/tool.ts';
import type { CallOutcome, CallTool } from './tools/call-tool.ts';
import { listedTools } from './tools/listed-tools.ts';
import { VERSION } from './version.ts';

export interface McpOptions {
  readonly tools: readonly Tool[];
  readonly callTool: CallTool;
  /** Where the resources come from. */
  readonly experiments: Pick<Experiments, 'get' | 'reportFile'>;
  readonly nameStyle: 'underscore' | 'dotted';
  /** How long run_experiment waits unless told: below the minute that clients allow a call. */
  readonly defaultWaitSeconds: number;
}

const INSTRUCTIONS =
  'Runs machine-learning experiments durably: each is a Temporal workflow and an MLflow run. Start one with ' +
  'mlflow_run_experiment; when it answers RUNNING, follow it with mlflow_get_run by its workflow_id and wait_seconds. ' +
  'mlflow_validate_source says beforehand what a run would be refused for. ' +
  'Its report is the resource run://{run_id}/report. A dropped connection never ends a run; send the same idempotency_key again to find it.';

/**
 * Makes a server for each request or connection. The low-level Server is used because a call may come
 * under either of a tool's names, of which only one is listed, and because every refusal of arguments
 * shall carry our own code and hint.
 */
export function createMcpServerFactory(options: McpOptions): McpServerFactory {
  const listed = [...listedTools(options.tools, options.nameStyle)];
  return () => {
    const server = new Server(
      { name: 'durable-experiments', title: 'Durable experiments', version: VERSION },
      { capabilities: { tools: {} }, instructions: INSTRUCTIONS },
    );
    serveResources(server, options.experiments);
    servePrompts(server);
    server.setRequestHandler('tools/list', () => ({ tools: listed }));
    server.setRequestHandler('tools/call', async ({ params }, context) =>
      callResult(
        await options.callTool(
          params.name,
          params.arguments,
          callContext(server, context, options.defaultWaitSeconds),
        ),
      ),
    );
    return server;
  };
}

function callContext(
  server: Server,
  context: ServerContext,
  defaultWaitSeconds: number,
): CallContext {
  const { _meta: meta, signal } = context.mcpReq;
  const progressToken = meta?.progressToken;
  return {
    signal,
    caller: callerName(server, context),
    defaultWaitSeconds,
    onProgress:
      progressToken === undefined
        ? undefined
        : (progress) =>
            void context.mcpReq
              .notify({ method: 'notifications/progress', params: { progressToken, ...progress } })
              // The client has gone; its run goes on.
              .catch(() => undefined),
  };
}

/** The client's own name: in each request of the newer revision, from the handshake over older stdio. */
function callerName(server: Server, { mcpReq }: ServerContext): string {
  const envelope: Partial<Record<string, unknown>> = mcpReq.envelope ?? {};
  const client = (envelope[CLIENT_INFO_META_KEY] ?? server.getClientVersion()) as
    { readonly name?: string } | undefined;
  const name = client?.name?.replace(/[^\p{L}\p{N} ._/@-]/gu, '').slice(0, 100);
  return name === undefined || name === '' ? 'mcp' : name;
}

/** A failure keeps to the tool's output schema: there every field but `failure` may be missing. */
function callResult(outcome: CallOutcome) {
  if (outcome.ok) {
    return {
      content: [{ type: 'text' as const, text: outcome.text }],
      structuredContent: outcome.output,
    };
  }
  const { code, step, message, hint } = outcome.failure;
  const where = step === null ? '' : ` (step ${step})`;
  return {
    isError: true,
    content: [{ type: 'text' as const, text: `${code}${where}: ${message}\nHint: ${hint}` }],
    structuredContent: { failure: outcome.failure },
  };
}
