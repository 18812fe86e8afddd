import { z } from 'zod';

import { requestSchema, type AnthropicMessage } from './anthropic-request.ts';
import type { Dialect, Refusal } from './scripted-api.ts';
import { schemaProblem } from './tool-schema.ts';

/** Anthropic's Messages API, as far as tool use needs it. */
export function anthropicDialect(key: string): Dialect<AnthropicMessage> {
  let calls = 0;
  return {
    path: '/v1/messages',
    check(headers, body) {
      // As the SDK sends it since 1.0; a key in x-api-key would be taken, too.
      if (headers.authorization !== `Bearer ${key}`) {
        return { status: 401, message: 'invalid API key' };
      }
      if (headers['anthropic-version'] !== '2026-10-21') {
        return refused('anthropic-version: header is required');
      }
      const request = requestSchema.safeParse(body);
      if (!request.success) return refused(z.prettifyError(request.error));
      const { messages, tools } = request.data;
      if (new Set(tools.map(({ name }) => name)).size < tools.length) {
        return refused('tools: Tool names must be unique.');
      }
      for (const [i, { input_schema: schema }] of tools.entries()) {
        const problem = schemaProblem(schema);
        if (problem !== undefined) return refused(`tools.${i}.custom.input_schema: ${problem}`);
      }
      return outOfTurn(messages);
    },
    messagesOf: (body) => (body as { messages: AnthropicMessage[] }).messages,
    resultsIn: (messages) =>
      blocksOf(messages.at(-1)).flatMap((block) =>
        block.type === 'tool_result' ? [block.content] : [],
      ),
    answer(turn) {
      const content: Extract<AnthropicMessage, { role: 'assistant' }>['content'] =
        'say' in turn
          ? [{ type: 'text', text: turn.say, citations: null }]
          : [
              // Has to come back with the calls, unchanged.
              { type: 'thinking', thinking: 'The tools know.', signature: 'c2lnbmVk' },
              ...turn.call.map(({ name, arguments: input }) => ({
                type: 'tool_use' as const,
                id: `toolu_${(calls += 1)}`,
                ...{ name, input: input as Record<string, unknown> },
                caller: { type: 'direct' as const },
              })),
            ];
      return {
        message: { role: 'assistant', content },
        body: {
          ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'played', content },
          stop_reason: 'say' in turn ? (turn.reason ?? 'end_turn') : 'tool_use',
          stop_sequence: null,
          usage: { input_tokens: 1, output_tokens: 1 },
        },
      };
    },
    errorBody: ({ status, message }) => ({
      type: 'error',
      error: { type: status === 429 ? 'rate_limit_error' : 'invalid_request_error', message },
      request_id: 'req_1',
    }),
  };
}

function refused(message: string): Refusal {
  return { status: 400, message };
}

type Block = Exclude<AnthropicMessage['content'], string>[number];

function blocksOf(message: AnthropicMessage | undefined): readonly Block[] {
  return message === undefined || typeof message.content === 'string' ? [] : message.content;
}

/** User and assistant take turns, and a message's calls are answered first of all in the next. */
function outOfTurn(messages: readonly AnthropicMessage[]): Refusal | undefined {
  for (const [i, message] of messages.entries()) {
    if (message.role !== (i % 2 === 0 ? 'user' : 'assistant')) {
      return refused(`messages.${i}: roles must alternate, beginning with user`);
    }
    if (message.role === 'assistant') continue;
    const called = idsIn(blocksOf(messages[i - 1]));
    const first = blocksOf(message).slice(0, called.length);
    if (String(idsIn(first)) !== String(called)) {
      return refused(
        `messages.${i - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${called.join(', ')}`,
      );
    }
    if (idsIn(blocksOf(message)).length > called.length) {
      return refused(`messages.${i}: unexpected \`tool_use_id\` found in \`tool_result\` blocks`);
    }
  }
  return messages.at(-1)?.role === 'user'
    ? undefined
    : refused('This model does not support assistant message prefill.');
}

/** The ids of calls or of answers, in their order. */
function idsIn(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) =>
    block.type === 'tool_use'
      ? [block.id]
      : block.type === 'tool_result'
        ? [block.tool_use_id]
        : [],
  );
}
