import type { z } from 'zod';

import { Failure } from '../../schemas/failure.ts';

const MOST_PROBLEMS = 5;

function fieldName(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the request';
  return path
    .map((part, i) =>
      typeof part === 'number' ? `[${part}]` : `${i > 0 ? '.' : ''}${String(part)}`,
    )
    .join('');
}

function allowed(values: readonly unknown[]): string {
  return `must be ${values.length > 1 ? 'one of ' : ''}${values.map(String).join(', ')}`;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  ...{ int: 'a whole number', array: 'a list', object: 'an object', record: 'an object' },
  boolean: 'true or false',
};

function typeName(type: string): string {
  return TYPE_NAMES[type] ?? `a ${type}`;
}

/** One problem in our own words; never the value itself, which may be a secret or a row. */
function sentence(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${typeName(issue.expected)}`;
    case 'invalid_value':
      return issue.input === undefined
        ? `is missing; it ${allowed(issue.values)}`
        : allowed(issue.values);
    case 'unrecognized_keys':
      return `has no field ${issue.keys
        .slice(0, 3)
        .map((key) => key.slice(0, 50))
        .join(', ')}`;
    case 'too_small':
      return issue.origin === 'array' || issue.origin === 'string'
        ? `needs at least ${issue.minimum} ${issue.origin === 'array' ? 'entries' : 'characters'}`
        : `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'array' || issue.origin === 'string'
        ? `may have at most ${issue.maximum} ${issue.origin === 'array' ? 'entries' : 'characters'}`
        : `must be ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options)
        ? allowed(issue.options)
        : issue.input === undefined
          ? 'is missing'
          : 'has none of the allowed forms';
    default:
      return issue.message;
  }
}

/** The failure for arguments that do not fit: names the fields, what they must be, and how to go on. */
export function describeProblems(error: z.ZodError): Failure {
  const problems = error.issues
    .slice(0, MOST_PROBLEMS)
    .map((issue) => `${fieldName(issue.path)} ${sentence(issue)}`);
  const more = error.issues.length - problems.length;
  return new Failure(
    'INVALID_REQUEST',
    `${problems.join('; ')}${more > 0 ? `; and ${more} more` : ''}.`,
    'Correct these fields and send the request again; GET /tools and tools/list have the schema.',
  );
}
