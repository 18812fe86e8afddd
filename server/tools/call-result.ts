import type { CallToolResult } from '@modelcontextprotocol/server';

import type { CallOutcome } from './call-tool.ts';

/**
 * An outcome as MCP has it: the text is the structured content itself, for clients that show their
 * models only one of them; advice stands in a text of its own. A failure keeps to the tool's output
 * schema: there every field but `failure` may be missing.
 */
export function callResult(outcome: CallOutcome): CallToolResult {
  const structuredContent = outcome.ok ? outcome.output : { failure: outcome.failure };
  const text = JSON.stringify(structuredContent);
  const next = outcome.ok ? outcome.next : undefined;
  return {
    ...(!outcome.ok && { isError: true }),
    content: [text, ...(next === undefined ? [] : [next])].map((part) => ({
      type: 'text',
      text: part,
    })),
    structuredContent,
  };
}
