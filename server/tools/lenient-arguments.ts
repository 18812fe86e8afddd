import type { z } from 'zod';

/** Objects written as JSON strings lie within each other at most so deep, with a number in the last. */
const MOST_ROUNDS = 5;
/** Who has more wrong than this meant something else. */
const MOST_MENDED = 50;

/** JSON in a string has passed nobody who asks what it would cost to parse (server/limits/json-cost.ts). */
const LONGEST_JSON = 1 << 20;

const OMITTED = Symbol('omitted');

/**
 * Parses arguments as a careful person would read them: what language models write in another form of the
 * same meaning is taken as meant, namely null for a field that is left out, and an object, a list, a number
 * or true and false as a string. Only values that the schema refuses are touched, so that no valid request
 * changes its meaning, and "20%" or "1,5" stay refused.
 */
export function parseLeniently<Schema extends z.ZodType>(
  schema: Schema,
  args: unknown,
): z.ZodSafeParseResult<z.output<Schema>> {
  let value: unknown = args ?? {};
  for (let round = 0; ; round++) {
    const parsed = schema.safeParse(value, { reportInput: true });
    if (parsed.success || round === MOST_ROUNDS) return parsed;
    const meant = mended(value, parsed.error.issues);
    if (meant === value) return parsed;
    value = meant;
  }
}

function mended(value: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  if (issues.length > MOST_MENDED) return value;
  return issues
    .flatMap(replacements)
    .reduce((whole, [path, meant]) => replaced(whole, path, meant), value);
}

type Replacement = readonly [path: readonly PropertyKey[], meant: unknown];

function replacements(issue: z.core.$ZodIssue): Replacement[] {
  const { code, path, input } = issue;
  if (code === 'unrecognized_keys') {
    // A null says nothing, not even under a name that another kind of source has.
    const given = input as unknown as Readonly<Record<string, unknown>>;
    return issue.keys.filter((key) => given[key] === null).map((key) => [[...path, key], OMITTED]);
  }
  if (input === null) return typeof path.at(-1) === 'string' ? [[path, OMITTED]] : [];
  if (code !== 'invalid_type' || typeof input !== 'string') return [];
  const meant = readAs(issue.expected, input);
  return meant === undefined ? [] : [[path, meant]];
}

const PLAIN_NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;

/** What a string stands for where another type is expected; undefined when that is not plain. */
function readAs(expected: string, text: string): unknown {
  switch (expected) {
    case 'object':
    case 'record':
    case 'array':
      return jsonOf(expected === 'array', text);
    case 'number':
    case 'int':
      return PLAIN_NUMBER.test(text) ? Number(text) : undefined;
    case 'boolean':
      return { true: true, false: false }[text];
    default:
      return undefined;
  }
}

function jsonOf(list: boolean, text: string): unknown {
  if (text.length > LONGEST_JSON) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const fits = typeof value === 'object' && value !== null && Array.isArray(value) === list;
    return fits ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A copy of the value with another one at that path; what lies beside the path is shared. */
function replaced(value: unknown, [key, ...rest]: readonly PropertyKey[], meant: unknown): unknown {
  if (key === undefined) return meant;
  if (Array.isArray(value)) {
    return value.map((entry: unknown, i) => (i === key ? replaced(entry, rest, meant) : entry));
  }
  const object = value as Readonly<Record<PropertyKey, unknown>>;
  if (rest.length === 0 && meant === OMITTED) {
    return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
  }
  return { ...object, [key]: replaced(object[key], rest, meant) };
}
