import { Client } from 'pg';

import { allowedTables } from '../../../../activities/sources/sql/allowed-tables.ts';
import { checkMeanings } from '../../../../activities/sources/sql/postgres/check-meanings.ts';
import { checkPostgresQuery } from '../../../../activities/sources/sql/postgres/check-postgres-query.ts';
import { checkTableNames } from '../../../../activities/sources/sql/postgres/check-tables.ts';
import { inReadOnlyTransaction } from '../../../../activities/sources/sql/postgres/postgres-session.ts';
import {
  copyOut,
  describeStatement,
} from '../../../../activities/sources/sql/postgres/protocol-queries.ts';
import type { ServerConnection } from '../../../../platform/connections/connection-string.ts';
import type { Outcome } from './layers.ts';
import { TABLES } from './postgres-scene.ts';

/** The layers between a query and PostgreSQL, by their letters. */
export const POSTGRES_LAYERS = {
  G: 'the check by PostgreSQL’s grammar, with the list of tables',
  S: 'one statement by the extended protocol, inside of COPY (SELECT …)',
  T: 'the read-only transaction with its time limits, rolled back',
  R: 'the role that connections:check recommends',
} as const;

const MOST = 200_000;
const { signal } = new AbortController();

/** Sends a query with some of the layers on, and what is not on replaced by what a careless program does. */
export async function attack(
  sql: string,
  layers: string,
  { owner, reader }: { readonly owner: ServerConnection; readonly reader: ServerConnection },
): Promise<Outcome> {
  const on = (layer: keyof typeof POSTGRES_LAYERS): boolean => layers.includes(layer);
  const connection = on('R') ? reader : owner;
  const output: string[] = [];
  const keep = (chunk: Buffer | string): void => {
    if (output.length < MOST) output.push(chunk.toString());
  };
  try {
    const checked = on('G') ? await checkPostgresQuery(sql) : undefined;
    if (checked) checkTableNames(checked.read, allowedTables(TABLES, 'public'));
    const sent = checked?.sql ?? sql;
    const send = on('S')
      ? async (client: Client) => {
          await describeStatement(client, sent);
          const copy = `COPY (SELECT * FROM (\n${sent}\n) AS q) TO STDOUT`;
          await copyOut(client, copy, keep);
        }
      : (client: Client) => sendCarelessly(client, sent, keep);
    const use = async (client: Client): Promise<void> => {
      if (checked) await checkMeanings(client, checked.used);
      await send(client);
    };
    if (on('T')) {
      const target = { connection, address: connection.host, signal, timeoutSeconds: 1 };
      await inReadOnlyTransaction(target, use);
    } else await inOpenSession(connection, use);
    return { output: output.join('') };
  } catch (error) {
    // What a failure says would reach nobody in the product: it shows words of its own.
    return { output: output.join(''), error };
  }
}

/** As many statements as there are, by the simple protocol. */
async function sendCarelessly(client: Client, sql: string, keep: (text: string) => void) {
  const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
  connection.on('copyData', ({ chunk }: { chunk: Buffer }) => keep(chunk.toString()));
  const results = await client.query(sql);
  for (const { rows } of [results].flat())
    for (const row of rows as unknown[]) keep(JSON.stringify(row));
}

/** What each statement does stays done. */
async function inOpenSession(
  { host, port, database, user, password }: ServerConnection,
  use: (client: Client) => Promise<void>,
): Promise<void> {
  const client = new Client({ host, port, database, user, password });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await use(client);
  } finally {
    await client.end();
  }
}
