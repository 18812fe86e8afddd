import { connect, isIP, type Socket } from 'node:net';

import { createConnection, type Connection, type ConnectionOptions } from 'mysql2';

import { queryTimeout } from '../query-failures.ts';
import { CONNECT_MILLISECONDS, GRACE_SECONDS, type QueryTarget } from '../query-target.ts';

/** Modes that would change how a query reads: quotes, escapes, operators. */
const READING_MODES = /ANSI|QUOTES|ESCAPES|IGNORE_SPACE|PIPES|ORACLE|MSSQL|DB2|POSTGRESQL|MAXDB/;

/**
 * Calls `use` inside one read-only transaction with a time limit set on the server, which is always
 * rolled back. When the signal is aborted or the time is over, the query is killed through a second
 * connection and the first one destroyed.
 * @throws what `use` throws, errors of mysql2, or Failure QUERY_TIMEOUT
 */
export async function inReadOnlyTransaction<T>(
  target: QueryTarget,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const { connection, socket } = await open(target);
  const deadline = AbortSignal.timeout((target.timeoutSeconds + GRACE_SECONDS) * 1000);
  let killing: Promise<void> | undefined;
  const stop = (): void => {
    killing ??= kill(target, connection.threadId).finally(() => socket.destroy());
  };
  target.signal.addEventListener('abort', stop);
  deadline.addEventListener('abort', stop);
  try {
    await begin(connection, target.timeoutSeconds);
    const result = await use(connection);
    await send(connection, 'ROLLBACK');
    connection.end();
    return result;
  } catch (error) {
    // A query may still be sending rows; only killing it frees the server.
    stop();
    await killing;
    target.signal.throwIfAborted();
    throw deadline.aborted ? queryTimeout(target.timeoutSeconds) : error;
  } finally {
    target.signal.removeEventListener('abort', stop);
    deadline.removeEventListener('abort', stop);
  }
}

/** Sends one of our own statements. */
function send(connection: Connection, sql: string): Promise<unknown[][]> {
  return new Promise((resolve, reject) => {
    connection.query({ sql, rowsAsArray: true }, (error, rows) => {
      if (error) reject(error);
      else resolve(rows as unknown as unknown[][]);
    });
  });
}

async function begin(connection: Connection, timeoutSeconds: number): Promise<void> {
  const [row] = await send(connection, 'SELECT VERSION(), @@SESSION.sql_mode');
  const [version = '', modes = ''] = (row ?? []).map(String);
  const kept = modes
    .split(',')
    .filter((mode) => /^[A-Z_]+$/.test(mode) && !READING_MODES.test(mode));
  // As the query was scanned: in gbk, sjis or big5 a backslash may be half a character.
  await send(connection, 'SET NAMES utf8mb4');
  await send(connection, `SET SESSION sql_mode = '${kept.join(',')}'`);
  await send(
    connection,
    /mariadb/i.test(version)
      ? `SET SESSION max_statement_time = ${timeoutSeconds}`
      : `SET SESSION max_execution_time = ${timeoutSeconds * 1000}`,
  );
  await send(connection, `SET SESSION lock_wait_timeout = ${Math.min(30, timeoutSeconds)}`);
  await send(connection, `SET SESSION time_zone = '+00:00'`);
  await send(connection, 'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  // Also for the session: what commits implicitly, as a DROP does, would leave the transaction first.
  await send(connection, 'SET SESSION TRANSACTION READ ONLY');
  await send(connection, 'START TRANSACTION READ ONLY');
}

async function kill(target: QueryTarget, threadId: number): Promise<void> {
  try {
    const { connection, socket } = await open({ ...target, signal: AbortSignal.timeout(5_000) });
    try {
      await send(connection, `KILL QUERY ${Math.trunc(threadId)}`);
    } finally {
      socket.destroy();
    }
  } catch {
    // The query is gone already, or its server is: then there is nothing to stop.
  }
}

async function open(target: QueryTarget) {
  const { tls } = target.connection;
  if (tls !== 'prefer') return openOnce(target, tls !== 'disable');
  try {
    return await openOnce(target, true);
  } catch (error) {
    if ((error as { code?: string }).code === 'HANDSHAKE_NO_SSL_SUPPORT')
      return openOnce(target, false);
    throw error;
  }
}

async function openOnce(
  { connection: settings, address, signal }: QueryTarget,
  tls: boolean,
): Promise<{ connection: Connection; socket: Socket }> {
  signal.throwIfAborted();
  const socket = connect({ host: address, port: settings.port });
  const options: ConnectionOptions = {
    host: settings.host,
    port: settings.port,
    user: settings.user,
    password: settings.password,
    database: settings.database,
    // The address that was checked, whatever the name resolves to by now.
    stream: () => socket,
    connectTimeout: CONNECT_MILLISECONDS,
    multipleStatements: false,
    flags: ['-LOCAL_FILES', '-MULTI_STATEMENTS', '-IGNORE_SPACE'],
    charset: 'utf8mb4',
    dateStrings: true,
    supportBigNumbers: true,
    jsonStrings: true,
    disableEval: true,
    ...(tls ? { ssl: tlsOptions(settings) } : {}),
  };
  const connection = createConnection(options);
  // A broken connection fails the statement that runs; without a listener it would end the process.
  connection.on('error', () => undefined);
  const destroy = (): void => void socket.destroy(new Error('Connection terminated'));
  signal.addEventListener('abort', destroy);
  try {
    await new Promise<void>((resolve, reject) => {
      connection.connect((error) => (error ? reject(error) : resolve()));
    });
    return { connection, socket };
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', destroy);
  }
}

function tlsOptions({ host, tls, certificateAuthority }: QueryTarget['connection']) {
  const verify = tls === 'verify-full';
  return {
    rejectUnauthorized: verify,
    verifyIdentity: verify && isIP(host) === 0,
    ...(certificateAuthority === undefined ? {} : { ca: certificateAuthority }),
  };
}
