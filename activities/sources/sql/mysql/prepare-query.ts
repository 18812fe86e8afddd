import type { Connection, FieldPacket } from 'mysql2';

import { refusedQuery } from '../query-failures.ts';

/** The same options each time, so that the statement that was prepared is the one that runs. */
export function statementOf(sql: string) {
  return { sql, rowsAsArray: true };
}

/**
 * Has the server parse a query, one statement at most, and returns its columns. The server’s grammar has to
 * take it as a subquery, too: that is a SELECT, and nothing that changes, shows or writes. Neither runs.
 * @throws errors of mysql2, or Failure QUERY_NOT_ALLOWED
 */
export async function prepareQuery(connection: Connection, sql: string): Promise<FieldPacket[]> {
  const columns = await prepare(connection, sql);
  await prepare(connection, `SELECT EXISTS (\n${sql}\n)`).catch((error: Error) => {
    throw 'errno' in error && error.errno === SYNTAX_ERROR
      ? refusedQuery('is not a SELECT')
      : error;
  });
  return columns;
}

const SYNTAX_ERROR = 1064;

function prepare(connection: Connection, sql: string): Promise<FieldPacket[]> {
  return new Promise((resolve, reject) => {
    // The types of mysql2 know a text only, and hide the columns.
    const options = statementOf(sql) as unknown as string;
    connection.prepare(options, (error, statement) => {
      if (error) reject(error);
      else resolve((statement as unknown as { columns: FieldPacket[] }).columns);
    });
  });
}
