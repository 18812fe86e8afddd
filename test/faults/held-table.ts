import pg from 'pg';

import type { ProvidedDatabase } from '../support/provided.ts';

export interface HeldTable {
  release(): Promise<void>;
}

/** Lets nobody read the table that experiments read from PostgreSQL: they are under way until it is released. */
export async function holdTable({ host, port, database }: ProvidedDatabase): Promise<HeldTable> {
  const client = new pg.Client({ host, port, user: 'admin', password: 'admin', database });
  await client.connect();
  await client.query('begin; lock table training_table in access exclusive mode');
  return { release: () => client.end() };
}
