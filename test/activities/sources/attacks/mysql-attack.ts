import { createConnection, type Connection } from 'mysql2';

import { allowedTables } from '../../../../activities/sources/sql/allowed-tables.ts';
import { checkMysqlQuery } from '../../../../activities/sources/sql/mysql/check-mysql-query.ts';
import { inReadOnlyTransaction } from '../../../../activities/sources/sql/mysql/mysql-session.ts';
import { prepareQuery } from '../../../../activities/sources/sql/mysql/prepare-query.ts';
import type { ServerConnection } from '../../../../platform/connections/connection-string.ts';
import type { Outcome } from './layers.ts';
import { TABLES } from './mysql-scene.ts';

/** The layers between a query and MariaDB or MySQL, by their letters. */
export const MYSQL_LAYERS = {
  G: 'the check of every token against lists, with the list of tables',
  S: 'one prepared statement, which the server’s grammar also takes as a subquery',
  T: 'the read-only transaction with its time limits, rolled back',
  R: 'the account that connections:check recommends',
} as const;

const { signal } = new AbortController();

/** Sends a query with some of the layers on, and what is not on replaced by what a careless program does. */
export async function attack(
  sql: string,
  layers: string,
  { owner, reader }: { readonly owner: ServerConnection; readonly reader: ServerConnection },
): Promise<Outcome> {
  const on = (layer: keyof typeof MYSQL_LAYERS): boolean => layers.includes(layer);
  const connection = on('R') ? reader : owner;
  let output = '';
  const keep = (rows: unknown): void => {
    output += JSON.stringify(rows, (_, value: unknown) => plain(value));
  };
  const send = async (session: Connection, sent: string): Promise<void> => {
    if (on('S')) {
      await prepareQuery(session, sent);
      const [rows] = await session.promise().execute(sent);
      keep(rows);
      return;
    }
    // As a client does that takes several statements.
    for (const statement of statementsOf(sent)) {
      const [rows] = await session.promise().query(statement);
      keep(rows);
    }
  };
  try {
    const checked = on('G') ? checkMysqlQuery(sql, allowedTables(TABLES, owner.database)) : sql;
    const use = (session: Connection) => send(session, checked);
    if (on('T')) {
      const target = { connection, address: connection.host, signal, timeoutSeconds: 1 };
      await inReadOnlyTransaction(target, use);
    } else await inOpenSession(connection, use);
    return { output };
  } catch (error) {
    return { output, error };
  }
}

function statementsOf(sql: string): string[] {
  if (/^BEGIN NOT ATOMIC/.test(sql)) return [sql];
  return sql.split(';').filter((text) => text.trim() !== '');
}

/** Binary values as texts; JSON would show their bytes. */
function plain(value: unknown): unknown {
  const bytes = (value as { type?: string; data?: number[] } | null)?.data;
  return Array.isArray(bytes) ? Buffer.from(bytes).toString() : value;
}

async function inOpenSession(
  { host, port, database, user, password }: ServerConnection,
  use: (connection: Connection) => Promise<void>,
): Promise<void> {
  const connection = createConnection({ host, port, database, user, password });
  connection.on('error', () => undefined);
  try {
    await use(connection);
  } finally {
    connection.destroy();
  }
}
