import type { CallToolResult } from '@modelcontextprotocol/server';

import type { CallOutcome } from './call-tool.ts';

/** An outcome as MCP has it. A failure keeps to the tool's output schema: there every field but `failure` may be missing. */
export function callResult(outcome: CallOutcome): CallToolResult {
  if (outcome.ok) {
    return {
      content: [{ type: 'text', text: outcome.text }],
      structuredContent: outcome.output,
    };
  }
  const { code, step, message, hint } = outcome.failure;
  const where = step === null ? '' : ` (step ${step})`;
  return {
    isError: true,
    content: [{ type: 'text', text: `${code}${where}: ${message}\nHint: ${hint}` }],
    structuredContent: { failure: outcome.failure },
  };
}
