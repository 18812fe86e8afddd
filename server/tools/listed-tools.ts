import type { Tool as ListedTool } from '@modelcontextprotocol/server';

import { inputJsonSchema, outputJsonSchema } from './json-schema.ts';
import { listedInput, listedOutput } from './listed-schema.ts';
import type { Caller } from '../../schemas/caller.ts';
import { toolsFor } from '../access/rules.ts';
import type { Tool } from './tool.ts';

/** An argument with a longer schema is described once, by the tool that has it first. */
const LONGEST_REPEATED = 200;
/** Arguments that nearly every tool has and hardly any call needs: shown with the first tool only. */
const SHOWN_ONCE = new Set(['tracking_uri']);

/** The lists of what each caller may call, each made once: there are no more than there are sets of scopes. */
export function createToolLists(tools: readonly Tool[], style: 'underscore' | 'dotted') {
  const lists = new Map<string, ListedTool[]>();
  return (caller: Pick<Caller, 'scopes'>): ListedTool[] => {
    const allowed = toolsFor(tools, caller);
    const key = allowed.map(({ name }) => name).join();
    const list = lists.get(key) ?? [...listedTools(allowed, style)];
    lists.set(key, list);
    return list;
  };
}

/** The tools as tools/list shows them, the first one's arguments in full. */
export function listedTools(
  tools: readonly Tool[],
  style: 'underscore' | 'dotted',
): readonly ListedTool[] {
  const described = new Map<string, string>();
  return tools.map((tool, i) => {
    const name = style === 'dotted' ? tool.dottedName : tool.name;
    const input = listedInput(inputJsonSchema(tool));
    const properties: Record<string, object> = {};
    for (const [property, schema] of Object.entries(input['properties'] as object)) {
      if (i > 0 && SHOWN_ONCE.has(property)) continue;
      const text = JSON.stringify(schema);
      const earlier = text.length > LONGEST_REPEATED ? described.get(text) : undefined;
      if (earlier === undefined) described.set(text, name);
      properties[property] =
        earlier === undefined
          ? (schema as object)
          : { type: 'object', description: `As in ${earlier}.` };
    }
    return {
      ...{ name, title: tool.title, description: tool.description },
      inputSchema: { ...input, properties } as ListedTool['inputSchema'],
      outputSchema: listedOutput(outputJsonSchema(tool)),
      annotations: listedAnnotations(tool.annotations),
    };
  });
}

/** Without what is MCP's own default: of a tool that changes nothing no more needs to be said. */
function listedAnnotations({
  readOnlyHint,
  destructiveHint,
  idempotentHint,
}: Tool['annotations']): ListedTool['annotations'] {
  if (readOnlyHint) return { readOnlyHint };
  return { readOnlyHint, destructiveHint, ...(idempotentHint && { idempotentHint }) };
}
