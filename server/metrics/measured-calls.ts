import type { Metrics } from '../../platform/metrics/create-metrics.ts';
import type { CallTool } from '../tools/call-tool.ts';
import type { Tool } from '../tools/tool.ts';

/** The same way in, which counts and times the calls; a tool’s two names are one. */
export function measuredCalls(
  callTool: CallTool,
  tools: readonly Tool[],
  metrics: Pick<Metrics, 'calls'> | undefined,
): CallTool {
  if (!metrics) return callTool;
  const names = new Map(tools.map(({ dottedName, name }) => [dottedName, name]));
  return async (name, args, call) => {
    const startedAt = performance.now();
    const outcome = await callTool(name, args, call);
    const seconds = (performance.now() - startedAt) / 1000;
    const code = outcome.ok ? undefined : outcome.failure.code;
    metrics.calls.answered(names.get(name) ?? name, seconds, code);
    return outcome;
  };
}
