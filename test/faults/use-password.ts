import pg from 'pg';

import type { ProvidedDatabase } from '../support/provided.ts';

/** Gives the demo's user another password. */
export async function usePassword(
  { user, host, port }: ProvidedDatabase,
  password: string,
): Promise<void> {
  const admin = { host, port, user: 'admin', password: 'admin', database: 'postgres' };
  const client = new pg.Client(admin);
  await client.connect();
  await client.query(`alter role ${user} password '${password}'`);
  await client.end();
}
