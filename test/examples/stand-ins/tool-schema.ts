import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv';

/** Names that both APIs take for tools and for their arguments. */
export const NAME = /^[a-zA-Z0-9_-]{1,64}$/;

const NOT_AT_THE_TOP = ['oneOf', 'anyOf', 'allOf', 'enum', 'const', 'not', '$ref'];

/** Why the APIs refuse a schema of a tool's arguments; undefined when they take it. */
export function schemaProblem(schema: Readonly<Record<string, unknown>>): string | undefined {
  if (schema['type'] !== 'object') return 'a schema must have type object';
  const combined = NOT_AT_THE_TOP.find((keyword) => keyword in schema);
  if (combined !== undefined) return `a schema may not have ${combined} at the top level`;
  const name = Object.keys(schema['properties'] ?? {}).find((key) => !NAME.test(key));
  if (name !== undefined) return `${name} is no name for an argument`;
  try {
    new AjvJsonSchemaValidator().getValidator(schema);
  } catch (error) {
    return `not a JSON Schema: ${(error as Error).message}`;
  }
  return listWithoutItems(schema) ? 'an array schema is missing items' : undefined;
}

function listWithoutItems(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if ('type' in value && value.type === 'array' && !('items' in value)) return true;
  return Object.values(value).some(listWithoutItems);
}
