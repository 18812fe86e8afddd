import { resolve } from 'node:path';

import { Kysely, PostgresDialect, SqliteDialect } from 'kysely';
import pg from 'pg';

import type { Config } from '../../../schemas/config.ts';
import { openPostgresPool } from '../../postgres-pool.ts';
import { openSqlite } from './sqlite-database.ts';
import type { AuditTables } from './tables.ts';

export interface AuditDatabase {
  readonly kind: 'sqlite' | 'postgres';
  readonly tables: Kysely<AuditTables>;
}

const CONNECT_MILLISECONDS = 5000;
/** A database that hangs is as good as one that is away. */
const STATEMENT_MILLISECONDS = 30_000;
/** One writes, the others read for callers. */
const CONNECTIONS = 4;
const INT8 = 20;

/** The database file of an installation of one machine. */
export function auditFile({ STATE_DIR }: Pick<Config, 'STATE_DIR'>): string {
  return resolve(STATE_DIR, 'audit', 'audit.db');
}

/** Opens at the first query: a database that is away is a failed append, not a failed start. */
export function openAuditDatabase(
  place: { readonly url: string } | { readonly path: string; readonly readOnly?: boolean },
): AuditDatabase {
  if ('path' in place) {
    const database = async () => openSqlite(place.path, place);
    return { kind: 'sqlite', tables: new Kysely({ dialect: new SqliteDialect({ database }) }) };
  }
  const pool = openPostgresPool({
    connectionString: place.url,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
    query_timeout: STATEMENT_MILLISECONDS,
    // A server that keeps what its client gave up, or died in, would keep the chain locked.
    statement_timeout: STATEMENT_MILLISECONDS,
    idle_in_transaction_session_timeout: STATEMENT_MILLISECONDS,
    application_name: 'durable-experiments audit',
    types: { getTypeParser },
  });
  return { kind: 'postgres', tables: new Kysely({ dialect: new PostgresDialect({ pool }) }) };
}

/** As pg reads values, but for int8: milliseconds since the epoch are safe integers for a while. */
const getTypeParser = ((oid: number, format: 'text') =>
  oid === INT8
    ? Number
    : (pg.types.getTypeParser(oid, format) as unknown)) as typeof pg.types.getTypeParser;

/** The database of the settings. */
export function databaseOf(config: Config): AuditDatabase {
  const { AUDIT_DATABASE_URL: url } = config;
  return openAuditDatabase(url === undefined ? { path: auditFile(config) } : { url });
}
