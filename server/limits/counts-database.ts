import type pg from 'pg';

import { openPostgresPool } from '../../platform/postgres-pool.ts';
import type { Config } from '../../schemas/config.ts';

/** PostgreSQL in which several servers count together: points of callers, and runs that were just let in. */
export interface CountsDatabase {
  /** With its tables made. @throws what the driver throws */
  ready(): Promise<pg.Pool>;
  close(): Promise<void>;
}

const PATIENCE_MILLISECONDS = 5000;
const CONNECTIONS = 4;
/** Any number: those who make the tables at the same time wait for each other. */
const MIGRATION_LOCK = 7_230_222;
const TABLES = `
  begin;
  select pg_advisory_xact_lock(${MIGRATION_LOCK});
  create table if not exists caller_points (key varchar(255) primary key, points integer not null default 0, expire bigint);
  create table if not exists started_runs (tenant text, id text, since timestamptz not null default now(), primary key (tenant, id));
  commit`;

/** That of the audit log; undefined where each server counts for itself. */
export function openCountsDatabase({
  AUDIT_DATABASE_URL: connectionString,
}: Pick<Config, 'AUDIT_DATABASE_URL'>): CountsDatabase | undefined {
  if (connectionString === undefined) return undefined;
  const pool = openPostgresPool({
    ...{ connectionString, max: CONNECTIONS },
    connectionTimeoutMillis: PATIENCE_MILLISECONDS,
    query_timeout: PATIENCE_MILLISECONDS,
    // A lock is held while Temporal is asked.
    idle_in_transaction_session_timeout: 6 * PATIENCE_MILLISECONDS,
    application_name: 'durable-experiments limits',
  });
  let made: Promise<unknown> | undefined;
  return {
    async ready() {
      made ??= pool.query(TABLES);
      await made.catch((error: unknown) => {
        made = undefined;
        throw error;
      });
      return pool;
    },
    close: () => pool.end(),
  };
}
