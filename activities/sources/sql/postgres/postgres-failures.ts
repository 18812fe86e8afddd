import { Failure } from '../../../../schemas/failure.ts';
import { loginFailed, socketFailure, unknownDatabase } from '../connection-failures.ts';
import { unavailable } from '../host-policy.ts';
import {
  missingColumn,
  missingTable,
  queryFailed,
  queryTimeout,
  refusedQuery,
} from '../query-failures.ts';
import type { CheckedQuery } from './check-postgres-query.ts';

/** What PostgreSQL's SQLSTATE classes say, where we have no better sentence. */
const CLASSES = new Map([
  ['0A', 'it uses something that this server does not support'],
  ['21', 'a subquery returned more than one row'],
  ['22', 'a value could not be computed or converted'],
  ['42', 'it does not fit the tables it names'],
  ['54', 'it is too complex for the server'],
]);

interface PostgresError {
  readonly code?: string;
  /** Characters into the query, counted from 1. */
  readonly position?: string;
  readonly message?: string;
}

/**
 * Our words for an error of PostgreSQL or of the connection to it, by its SQLSTATE.
 * @param checked the query that ran, to name the table that is missing
 */
export function postgresFailure(
  error: unknown,
  { checked, timeoutSeconds }: { readonly checked?: CheckedQuery; readonly timeoutSeconds: number },
): Failure {
  if (error instanceof Failure) return error;
  const { code = '', position, message = '' } = error as PostgresError;
  switch (code) {
    case '28P01':
    case '28000':
      return loginFailed(error);
    case '3D000':
      return unknownDatabase(error);
    case '42P01':
      return missingTable(tableAt(checked, position));
    case '42703':
      return missingColumn(columnIn(checked, message));
    case '42883':
      return queryFailed('it calls a function that does not take these arguments', error);
    case '42501':
      return queryFailed('the connection’s user may not read this', error);
    case '22003':
      return new Failure(
        'VALUE_OUT_OF_RANGE',
        'The query computes a number that is too large.',
        'Scale it, or leave the rows out.',
        { cause: error },
      );
    case '25006':
      return refusedQuery('does more than read');
    case '57014':
      return queryTimeout(timeoutSeconds);
    case '40001':
    case '40P01':
    case '55P03':
      return unavailable('The database could not run the query beside others just now.', error);
  }
  if (/^(?:08|53|57P|58)/.test(code)) return unavailable('The database is not ready.', error);
  if (/^[0-9A-Z]{5}$/.test(code)) {
    return queryFailed(CLASSES.get(code.slice(0, 2)) ?? `SQLSTATE ${code}`, error);
  }
  return socketFailure(error) ?? unavailable('The connection to the database broke off.', error);
}

/** The column that PostgreSQL complains of, if it is one that the query itself gives. */
function columnIn(checked: CheckedQuery | undefined, message: string): string | undefined {
  const name = /^column "?([^"]+?)"? does not exist$/.exec(message)?.[1];
  const last = name?.split('.').at(-1);
  return last !== undefined && (checked?.sql ?? '').includes(last) ? name : undefined;
}

/** The table at the place where PostgreSQL stumbled, or the only one there is. */
function tableAt(checked: CheckedQuery | undefined, position: string | undefined) {
  const tables = checked?.tables ?? [];
  const bytes = Buffer.byteLength((checked?.sql ?? '').slice(0, Number(position) - 1));
  const at = tables.find(({ location }) => location - (checked?.start ?? 0) === bytes);
  return (at ?? (tables.length === 1 ? tables[0] : undefined))?.name;
}
