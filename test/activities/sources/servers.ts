import { inject } from 'vitest';

import type { ProvidedDatabase } from '../../support/provided.ts';

/** The PostgreSQL of the tests: its demo user owns the database, so nothing but our own layers protects it. */
export function postgresServer(): ProvidedDatabase {
  return inject('postgres');
}

/** The MariaDB of the tests, or why there is none. */
export function mariadbServer(): ProvidedDatabase | { readonly unavailable: string } {
  return inject('mariadb');
}

/** A connection string for a server, as a caller writes it. */
export function connectionString(
  scheme: string,
  { host, port, user, password, database }: ProvidedDatabase,
): string {
  return `${scheme}://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
}
