import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';

import { displayOf, type ServerConnection } from '../../platform/connections/connection-string.ts';
import { DEFAULT_TENANT } from '../../schemas/caller.ts';
import { isLoopback } from '../../schemas/config.ts';
import { Failure } from '../../schemas/failure.ts';
import type { ConfiguredConnection, ResolvedConnection } from './connections.ts';
import { parseDataRoots } from './files/data-roots.ts';
import { isWithin } from './files/path-rules.ts';
import { checkMysqlRole } from './sql/mysql/check-mysql-role.ts';
import { mysqlFailure } from './sql/mysql/mysql-failures.ts';
import { inReadOnlyTransaction as inMysql } from './sql/mysql/mysql-session.ts';
import { checkPostgresRole } from './sql/postgres/check-postgres-role.ts';
import { postgresFailure } from './sql/postgres/postgres-failures.ts';
import { inReadOnlyTransaction as inPostgres } from './sql/postgres/postgres-session.ts';
import type { RoleFinding, RoleReport } from './sql/role-report.ts';
import { checkSqliteFile } from './sqlite/check-sqlite-file.ts';

const SECONDS = 30;

export interface CheckOptions {
  /** The entries of DATA_ROOTS. */
  readonly dataRoots: readonly string[];
  /** How long a query may take, which a role should know, too. */
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

/** What a configured connection could do beyond reading. */
export interface ConnectionReport extends RoleReport {
  /** The connection in one line, without its password. */
  readonly display: string;
}

/**
 * Looks at what a configured connection could do beyond reading. Nothing of the database is changed.
 * @throws Failure when it can't be reached
 */
export async function checkConnection(
  { open, tenants }: ConfiguredConnection,
  options: CheckOptions,
): Promise<ConnectionReport> {
  const connection = await open();
  const display = displayOf(connection);
  if (connection.kind === 'sqlite') {
    const path = await placeOf(connection.path, tenants?.[0] ?? DEFAULT_TENANT, options.dataRoots);
    return { display, findings: await checkSqliteFile(path) };
  }
  const report = await checkServer(connection, options);
  return { display, ...report, findings: [...checkEncryption(connection), ...report.findings] };
}

type Server = Exclude<ResolvedConnection, { kind: 'sqlite' }>;

async function checkServer(
  connection: Server,
  { timeoutSeconds, signal }: CheckOptions,
): Promise<RoleReport> {
  const target = { connection, address: connection.host, signal, timeoutSeconds: SECONDS };
  const needs = { tables: connection.tables, timeoutSeconds, database: connection.database };
  try {
    return connection.kind === 'postgresql'
      ? await inPostgres(target, (client) => checkPostgresRole(client, needs))
      : await inMysql(target, (session) => checkMysqlRole(session, needs));
  } catch (error) {
    throw connection.kind === 'postgresql'
      ? postgresFailure(error, { timeoutSeconds: SECONDS })
      : mysqlFailure(error, '', SECONDS);
  }
}

function checkEncryption({ host, tls }: ServerConnection): RoleFinding[] {
  const local = isLoopback(host);
  if (local || tls === 'verify-full') return [];
  const says =
    tls === 'require'
      ? 'does not check who answers at the other end (tls: require)'
      : `may send password and data in the clear over the network (tls: ${tls})`;
  const advice = 'Write "tls": "verify-full" and "caFile" in CONNECTIONS_FILE.';
  return [{ says, sql: [], advice }];
}

/** Where a SQLite file lies in a tenant’s roots. @throws Failure FILE_NOT_FOUND */
async function placeOf(given: string, tenant: string, entries: readonly string[]): Promise<string> {
  const { path, folders } = parseDataRoots(entries).place(given, tenant);
  for (const folder of folders) {
    const file = resolve(folder, path);
    const found = isWithin(file, folder) && (await stat(file).catch(() => undefined));
    if (found && found.isFile()) return file;
  }
  throw new Failure(
    'FILE_NOT_FOUND',
    'There is no such SQLite file in the data roots.',
    'Check the path of the connection and DATA_ROOTS.',
  );
}
