import { z } from 'zod';

import { runFailureSchema } from '../../schemas/run-view.ts';
import type { Tool } from './tool.ts';

/** JSON Schema of a tool's arguments, as a caller writes them: fields with defaults may be left out. */
export function inputJsonSchema(tool: Tool): Record<string, unknown> {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(tool.input, { io: 'input' });
  return schema;
}

/** JSON Schema of a tool's answer: all fields, or only `failure` when the call failed. */
export function outputJsonSchema(tool: Tool): Record<string, unknown> {
  const answer = tool.output.partial().extend({ failure: runFailureSchema.nullable().optional() });
  const { $schema: _dialect, ...schema } = z.toJSONSchema(answer, { io: 'output' });
  return schema;
}
