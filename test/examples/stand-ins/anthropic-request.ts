import { z } from 'zod';

import { NAME } from './tool-schema.ts';

const textSchema = z.strictObject({
  type: z.literal('text'),
  text: z.string().regex(/\S/),
  citations: z.null().optional(),
});
const toolUseSchema = z.strictObject({
  type: z.literal('tool_use'),
  id: z.string().regex(/^[a-zA-Z0-9_-]+$/),
  name: z.string().regex(NAME),
  input: z.record(z.string(), z.unknown()),
  caller: z.strictObject({ type: z.literal('direct') }).optional(),
});
const thinkingSchema = z.strictObject({
  type: z.literal('thinking'),
  thinking: z.string(),
  signature: z.string().min(1),
});
const toolResultSchema = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  content: z.string(),
  is_error: z.boolean().optional(),
});
const messageSchema = z.discriminatedUnion('role', [
  z.strictObject({
    role: z.literal('user'),
    content: z.union([
      z.string().regex(/\S/),
      z.array(z.discriminatedUnion('type', [textSchema, toolResultSchema])).min(1),
    ]),
  }),
  z.strictObject({
    role: z.literal('assistant'),
    content: z
      .array(z.discriminatedUnion('type', [textSchema, toolUseSchema, thinkingSchema]))
      .min(1),
  }),
]);
export type AnthropicMessage = z.infer<typeof messageSchema>;

/** A request, as far as tool use needs it; anything else is refused. */
export const requestSchema = z.strictObject({
  model: z.string().min(1),
  max_tokens: z.number().int().min(1).max(128_000),
  system: z.string().regex(/\S/),
  messages: z.array(messageSchema).min(1),
  tools: z
    .array(
      z.strictObject({
        name: z.string().regex(NAME),
        description: z.string().min(1),
        input_schema: z.record(z.string(), z.unknown()),
      }),
    )
    .min(1),
  output_config: z
    .strictObject({ effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']) })
    .optional(),
});
