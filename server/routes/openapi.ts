import { z } from 'zod';

import { runFailureSchema } from '../../schemas/run-view.ts';
import { inputJsonSchema, outputJsonSchema } from '../tools/json-schema.ts';
import type { Tool } from '../tools/tool.ts';

const json = (schema: unknown, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

function schemaOf(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema);
  return rest;
}

const healthSchema = z.object({
  status: z.enum(['healthy', 'unhealthy']),
  server: z.string(),
  version: z.string(),
  checks: z.record(z.string(), z.string()),
});

/** GET /openapi.json: the HTTP routes as OpenAPI 3.1, from the same schemas that check the requests. */
export function openApiDocument(tools: readonly Tool[], version: string) {
  const failure = schemaOf(runFailureSchema);
  const answer = (result: unknown) => ({
    type: 'object',
    required: ['request_id', 'tool', 'duration_ms', 'result', 'error'],
    properties: {
      request_id: { type: 'string' },
      tool: { type: 'string' },
      duration_ms: { type: 'integer' },
      result,
      error: { type: ['string', 'null'] },
      failure,
    },
  });
  const results = tools.map((tool) => outputJsonSchema(tool));
  const requests = tools.map((tool) => ({
    type: 'object',
    required: ['tool', 'params'],
    properties: {
      tool: { enum: [tool.dottedName, tool.name] },
      params: inputJsonSchema(tool),
    },
  }));
  return {
    openapi: '3.1.0',
    info: { title: 'durable-experiments', version },
    paths: {
      '/invoke': {
        post: {
          operationId: 'invoke',
          summary: 'Call a tool',
          requestBody: {
            required: true,
            content: { 'application/json': { schema: { oneOf: requests } } },
          },
          responses: {
            200: json(answer({ oneOf: results }), 'The tool answered.'),
            default: json(
              answer({ type: 'null' }),
              'It failed: see failure.code and failure.hint.',
            ),
          },
        },
      },
      '/tools': {
        get: {
          operationId: 'listTools',
          summary: 'Every tool with its schemas',
          responses: { 200: json({ type: 'object' }, 'The tools by their dotted names.') },
        },
      },
      '/health': {
        get: {
          operationId: 'health',
          summary: 'Whether Temporal and MLflow answer',
          responses: {
            200: json(schemaOf(healthSchema), 'All answer.'),
            503: json(schemaOf(healthSchema), 'One does not.'),
          },
        },
      },
    },
  };
}
