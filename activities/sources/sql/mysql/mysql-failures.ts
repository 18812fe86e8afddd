import { Failure } from '../../../../schemas/failure.ts';
import { loginFailed, socketFailure, unknownDatabase } from '../connection-failures.ts';
import { unavailable } from '../host-policy.ts';
import {
  missingColumn,
  missingTable,
  queryFailed,
  queryTimeout,
  refusedQuery,
  unparseable,
} from '../query-failures.ts';

/** Our words for an error of MySQL or MariaDB, or of the connection to it, by its error number. */
export function mysqlFailure(error: unknown, query: string, timeoutSeconds: number): Failure {
  if (error instanceof Failure) return error;
  const { errno = 0, sqlState = '' } = error as { errno?: number; sqlState?: string };
  const message = error instanceof Error ? error.message : '';
  switch (errno) {
    case 1045:
    case 1698:
    case 1130:
    case 1251:
    case 1862:
      return loginFailed(error);
    case 1044:
    case 1049:
      return unknownDatabase(error);
    case 1146:
    case 1109:
      return missingTable(
        nameIn(query, /^Table '(?:[^'.]+\.)?([^']+)' doesn't exist/.exec(message)),
      );
    case 1054:
    case 1247:
      return missingColumn(nameIn(query, /^Unknown column '([^']+)'/.exec(message)));
    case 1064:
    case 1149:
      return unparseable(query, placeOf(query, message));
    case 1142:
    case 1143:
    case 1370:
      return queryFailed('the connection’s user may not read this', error);
    case 1305:
      return queryFailed('it calls a function that does not exist', error);
    case 1792:
      return refusedQuery('does more than read');
    case 1264:
    case 1690:
      return new Failure(
        'VALUE_OUT_OF_RANGE',
        'The query computes a number that is too large.',
        'Scale it, or leave the rows out.',
        { cause: error },
      );
    case 1317:
    case 1969:
    case 3024:
      return queryTimeout(timeoutSeconds);
    case 1040:
    case 1203:
    case 1205:
    case 1213:
    case 1053:
    case 1927:
      return unavailable('The database is not ready.', error);
  }
  if (sqlState !== '' && errno > 0) return queryFailed(`error ${errno}`, error);
  return socketFailure(error) ?? unavailable('The connection to the database broke off.', error);
}

/** A name that the server complains of, if it is one that the query itself gives. */
function nameIn(query: string, match: RegExpExecArray | null): string | undefined {
  const name = match?.[1];
  return name !== undefined && query.includes(name.split('.').at(-1) ?? name) ? name : undefined;
}

/** Where the server stumbled: it repeats the query from there on. */
function placeOf(query: string, message: string): number | undefined {
  const rest = /near '(.*)' at line \d+$/s.exec(message)?.[1];
  if (rest === undefined) return undefined;
  const at = rest === '' ? query.length : query.indexOf(rest);
  return at === -1 ? undefined : at;
}
