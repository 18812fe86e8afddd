import type { Tracing } from '../../platform/tracing/tracing.ts';
import type { CallTool } from './call-tool.ts';

/**
 * The same way in, each call in a span that is named as OpenTelemetry’s conventions for MCP have it. Arguments and
 * answers stay out of it.
 * @param nameOf a tool’s own name, whichever it is called by; undefined for none of ours
 */
export function tracedCalls(
  {
    tracing,
    nameOf,
  }: { readonly tracing: Tracing; readonly nameOf: (name: string) => string | undefined },
  callTool: CallTool,
): CallTool {
  return (name, args, call) => {
    const tool = nameOf(name);
    const attributes = {
      'mcp.method.name': 'tools/call',
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': tool,
      'experiment.tenant': call.caller.tenant,
    };
    const described = {
      ...{ name: tool === undefined ? 'tools/call' : `tools/call ${tool}` },
      ...({ kind: 'server', attributes } as const),
    };
    return tracing.during(described, async (span) => {
      const outcome = await callTool(name, args, call);
      if (outcome.ok) {
        const { workflow_id: workflow, run_id: run } = idsIn(outcome.output);
        span.set({ 'temporal.workflow_id': workflow, 'mlflow.run_id': run });
      } else span.failed(outcome.failure.code);
      return outcome;
    });
  };
}

/** The run that an answer is about, where it is about one. */
export function idsIn({ workflow_id, run_id }: Readonly<Record<string, unknown>>): {
  readonly workflow_id?: string;
  readonly run_id?: string;
} {
  return {
    ...(typeof workflow_id === 'string' && { workflow_id }),
    ...(typeof run_id === 'string' && { run_id }),
  };
}
