import { randomUUID } from 'node:crypto';

import pg from 'pg';
import { inject } from 'vitest';

/** Makes a database in the tests' PostgreSQL, which goes with that. @returns its URL */
export async function newPostgresDatabase(): Promise<string> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await queryPostgres(urlOf('postgres'), `create database ${name}`);
  return urlOf(name);
}

/** @returns the rows */
export async function queryPostgres(
  url: string,
  statement: string,
  values: readonly unknown[] = [],
): Promise<Readonly<Record<string, unknown>>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(statement, [...values]);
    return rows;
  } finally {
    await client.end();
  }
}

function urlOf(database: string): string {
  const { host, port } = inject('postgres');
  return `postgresql://admin:admin@${host}:${port}/${database}`;
}
