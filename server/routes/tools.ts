import { inputJsonSchema, outputJsonSchema } from '../tools/json-schema.ts';
import type { Tool } from '../tools/tool.ts';

/** GET /tools: every tool by its dotted name, with the schemas of its params and of what it returns. */
export function toolCatalogue(tools: readonly Tool[]) {
  return {
    tools: Object.fromEntries(
      tools.map((tool) => [
        tool.dottedName,
        {
          description: tool.description,
          params: inputJsonSchema(tool),
          returns: outputJsonSchema(tool),
        },
      ]),
    ),
  };
}
