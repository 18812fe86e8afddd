/**
 * Schemas as tools/list shows them to a model, which pays for each word of them in every conversation:
 * what the server checks anyway and explains when it refuses it is left out. GET /tools has it all.
 */
type JsonSchema = Readonly<Record<string, unknown>>;

/** Bounds of sizes and characters, which nobody meets who means well. */
const UNSAID = new Set([
  ...['minLength', 'maxLength', 'pattern', 'minItems', 'maxItems', 'propertyNames'],
  ...['additionalProperties', 'exclusiveMinimum', 'exclusiveMaximum', 'maximum', 'minimum'],
]);

/** The arguments: names, types, choices, defaults and what they mean. */
export function listedInput(schema: JsonSchema): JsonSchema {
  return lean(schema) as JsonSchema;
}

function lean(value: unknown, parent = ''): unknown {
  if (Array.isArray(value)) return value.map((entry) => lean(entry));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(
    // A property may have the name of a keyword.
    ([key, entry]) => parent === 'properties' || !(UNSAID.has(key) || isEmpty(key, entry)),
  );
  return Object.fromEntries(entries.map(([key, entry]) => [key, lean(entry, key)]));
}

function isEmpty(key: string, entry: unknown): boolean {
  return key === 'default' && typeof entry === 'object';
}

/** The answer: its fields and their types, without what is inside of them. */
export function listedOutput(schema: JsonSchema): JsonSchema {
  const properties = Object.entries(schema['properties'] as Record<string, JsonSchema>);
  return {
    type: 'object',
    properties: Object.fromEntries(
      properties.map(([name, field]) => [name, { type: typeOf(field) }]),
    ),
  };
}

function typeOf({ type, anyOf }: JsonSchema): unknown {
  return type ?? (anyOf as JsonSchema[]).map((one) => typeOf(one));
}
