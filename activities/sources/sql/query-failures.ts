import { Failure } from '../../../schemas/failure.ts';
import { shownName, shownNames } from '../shown-name.ts';

/** The failure for a query that may not run. @param what completes “The query …” */
export function refusedQuery(what: string, hint = ONE_SELECT): Failure {
  return new Failure('QUERY_NOT_ALLOWED', `The query ${what}.`, hint);
}

const ONE_SELECT =
  'Write one SELECT that only reads: no other statements, no locks, no INTO, ordinary functions only.';

/** The failure for a function that is not on the dialect's list. */
export function refusedFunction(name: string): Failure {
  return refusedQuery(
    `calls ${shownName(name)}, which is not on the list of allowed functions`,
    'Use the ordinary functions for numbers, texts, dates, aggregates and windows.',
  );
}

export function refusedTable(name: string): Failure {
  return refusedQuery(
    `reads ${shownName(name)}, which belongs to the database system`,
    'Read the tables with your data.',
  );
}

/** The failure for a table that is not among those of the connection. @param offered what it offers */
export function unlistedTable(name: string, offered?: readonly string[]): Failure {
  return refusedQuery(
    `reads ${shownName(name)}, which this connection does not offer`,
    offered === undefined
      ? 'Ask the operator for the tables of the connection.'
      : `It offers ${shownNames(offered)}.`,
  );
}

/** The failure for text that does not parse. @param at characters before the place, if it is known */
export function unparseable(query: string, at?: number): Failure {
  const before = at === undefined ? undefined : query.slice(0, at);
  const line = before?.split('\n').length;
  const column = before === undefined ? undefined : before.length - before.lastIndexOf('\n');
  const place = line === undefined ? '' : ` in line ${line}, column ${column}`;
  return new Failure(
    'QUERY_FAILED',
    `The query has a syntax error${place}.`,
    'Correct it, and try it in the database’s own client.',
  );
}

export function missingTable(name: string | undefined): Failure {
  return new Failure(
    'QUERY_FAILED',
    name === undefined
      ? 'The query names a table that does not exist.'
      : `The query names the table ${shownName(name)}, which does not exist.`,
    'Check the name, its schema, and that the connection’s user may see it.',
  );
}

export function missingColumn(name: string | undefined): Failure {
  return new Failure(
    'QUERY_FAILED',
    name === undefined
      ? 'The query names a column that does not exist.'
      : `The query names the column ${shownName(name)}, which does not exist.`,
    'Check its spelling; texts stand in single quotes.',
  );
}

export function queryTimeout(seconds: number): Failure {
  return new Failure(
    'QUERY_TIMEOUT',
    `The query took longer than ${seconds} seconds.`,
    'Select less, or add an index; the operator can raise QUERY_TIMEOUT_SECONDS.',
  );
}

/** The failure for a query that the database refused for a reason without a sentence of its own. */
export function queryFailed(reason: string, cause: unknown): Failure {
  return new Failure(
    'QUERY_FAILED',
    `The database could not run the query (${reason}).`,
    'Try it in the database’s own client.',
    { cause },
  );
}

/** The failure for a text or label beyond what is read of one. */
export function tooLong(what: 'text' | 'label'): Failure {
  return new Failure(
    'BYTE_LIMIT',
    `A ${what} in the query’s result is too long.`,
    'Shorten it in the query, for example with left().',
  );
}
