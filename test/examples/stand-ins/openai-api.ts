import { z } from 'zod';

import type { Dialect, Refusal } from './scripted-api.ts';
import { NAME, schemaProblem } from './tool-schema.ts';

const text = z.string();
const callSchema = z.strictObject({
  id: z.string().min(1).max(40),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string().regex(NAME), arguments: z.string() }),
});
const messageSchema = z.discriminatedUnion('role', [
  z.strictObject({ role: z.enum(['system', 'developer', 'user']), content: text }),
  z.strictObject({
    role: z.literal('assistant'),
    content: text.nullable(),
    refusal: text.nullable().optional(),
    annotations: z.array(z.unknown()).optional(),
    tool_calls: z.array(callSchema).min(1).optional(),
  }),
  z.strictObject({ role: z.literal('tool'), tool_call_id: z.string(), content: text }),
]);
type OpenAiMessage = z.infer<typeof messageSchema>;

const requestSchema = z.strictObject({
  model: z.string().min(1),
  messages: z.array(messageSchema).min(1),
  tools: z
    .array(
      z.strictObject({
        type: z.literal('function'),
        function: z.strictObject({
          name: z.string().regex(NAME),
          description: z.string().max(1024),
          parameters: z.record(z.string(), z.unknown()),
        }),
      }),
    )
    .min(1)
    .max(128),
  reasoning_effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh']).optional(),
});

/** Models that think by themselves, and then take no tools in Chat Completions. */
const THINKS = /^gpt-(5\.[5-9]|[6-9])/;

/** OpenAI's Chat Completions, as far as function calling needs it. */
export function openAiDialect(key: string): Dialect<OpenAiMessage> {
  let calls = 0;
  return {
    path: '/v1/chat/completions',
    check(headers, body) {
      if (headers.authorization !== `Bearer ${key}`) {
        return { status: 401, message: 'Incorrect API key provided.' };
      }
      const request = requestSchema.safeParse(body);
      if (!request.success) return refused(z.prettifyError(request.error));
      const { model, messages, tools, reasoning_effort: effort } = request.data;
      if (effort === undefined ? THINKS.test(model) : effort !== 'none') {
        return refused(
          `Function tools with reasoning_effort are not supported for ${model} in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'.`,
        );
      }
      const functions = tools.map((tool) => tool.function);
      if (new Set(functions.map(({ name }) => name)).size < functions.length) {
        return refused('Two functions have the same name.');
      }
      for (const { name, parameters } of functions) {
        const problem = schemaProblem(parameters);
        if (problem !== undefined) {
          return refused(`Invalid schema for function '${name}': ${problem}.`);
        }
      }
      return unansweredCall(messages);
    },
    messagesOf: (body) => (body as { messages: OpenAiMessage[] }).messages,
    resultsIn: (messages) => {
      const since = messages.findLastIndex(({ role }) => role !== 'tool') + 1;
      return messages.slice(since).map(({ content }) => content ?? '');
    },
    answer(turn) {
      const message: OpenAiMessage = {
        role: 'assistant',
        content: 'say' in turn ? turn.say : null,
        refusal: null,
        annotations: [],
        ...('call' in turn && {
          tool_calls: turn.call.map(({ name, arguments: args }) => ({
            id: `call_${(calls += 1)}`,
            type: 'function' as const,
            function: { name, arguments: typeof args === 'string' ? args : JSON.stringify(args) },
          })),
        }),
      };
      const reason = 'say' in turn ? (turn.reason ?? 'stop') : 'tool_calls';
      return {
        message,
        body: {
          ...{ id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'played' },
          choices: [{ index: 0, message, logprobs: null, finish_reason: reason }],
          usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
        },
      };
    },
    errorBody: ({ message }) => ({
      error: { message, type: 'invalid_request_error', param: null, code: null },
    }),
  };
}

function refused(message: string): Refusal {
  return { status: 400, message };
}

/** Each call of an assistant has one answer, in the order of the calls, before anything else is said. */
function unansweredCall(messages: readonly OpenAiMessage[]): Refusal | undefined {
  const open: string[] = [];
  for (const message of messages) {
    if (message.role === 'tool') {
      if (message.tool_call_id === open.shift()) continue;
      return refused(
        `The tool message for ${message.tool_call_id} answers no call, or not in turn.`,
      );
    }
    if (open.length > 0) break;
    if (message.role === 'assistant') open.push(...(message.tool_calls ?? []).map(({ id }) => id));
  }
  return open.length > 0 ? refused(`No tool message answers ${open.join(', ')}.`) : undefined;
}
