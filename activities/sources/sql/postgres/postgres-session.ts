import { Socket, isIP } from 'node:net';

import { Client, type ClientConfig } from 'pg';

import { queryTimeout } from '../query-failures.ts';
import { CONNECT_MILLISECONDS, GRACE_SECONDS, type QueryTarget } from '../query-target.ts';

/**
 * Calls `use` inside one read-only, repeatable transaction with time limits set on the server, which is
 * always rolled back. When the signal is aborted or the time is over, the connection is destroyed.
 * @throws what `use` throws, errors of pg, or Failure QUERY_TIMEOUT
 */
export async function inReadOnlyTransaction<T>(
  target: QueryTarget,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  const { client, socket } = await connect(target);
  const deadline = AbortSignal.timeout((target.timeoutSeconds + GRACE_SECONDS) * 1000);
  const destroy = (): void => void socket.destroy();
  target.signal.addEventListener('abort', destroy);
  deadline.addEventListener('abort', destroy);
  try {
    await begin(client, target.timeoutSeconds);
    const result = await use(client);
    await client.query('ROLLBACK');
    await client.end();
    return result;
  } catch (error) {
    destroy();
    target.signal.throwIfAborted();
    throw deadline.aborted ? queryTimeout(target.timeoutSeconds) : error;
  } finally {
    target.signal.removeEventListener('abort', destroy);
    deadline.removeEventListener('abort', destroy);
  }
}

async function begin(client: Client, timeoutSeconds: number): Promise<void> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  // Names without a schema find PostgreSQL's own functions first, whatever the role's path says.
  await client.query(
    `SELECT set_config('search_path', 'pg_catalog, ' || current_setting('search_path'), true)`,
  );
  for (const [setting, value] of [
    ['statement_timeout', `${timeoutSeconds}s`],
    ['lock_timeout', `${Math.min(30, timeoutSeconds)}s`],
    ['idle_in_transaction_session_timeout', `${timeoutSeconds + GRACE_SECONDS}s`],
    // As the grammar read the query: where a backslash escapes, a text would end elsewhere.
    ['standard_conforming_strings', 'on'],
    ['DateStyle', 'ISO, YMD'],
    ['IntervalStyle', 'iso_8601'],
    ['TimeZone', 'UTC'],
    ['bytea_output', 'hex'],
    ['extra_float_digits', '3'],
    // From version 14 on a query ends when its client is gone.
    ['client_connection_check_interval', '2s'],
  ]) {
    await client.query({
      text: 'SELECT set_config(name, $2, true) FROM pg_settings WHERE name = $1',
      values: [setting, value],
    });
  }
}

async function connect(target: QueryTarget): Promise<{ client: Client; socket: Socket }> {
  const { connection } = target;
  if (connection.tls !== 'prefer') return connectOnce(target, connection.tls !== 'disable');
  try {
    return await connectOnce(target, true);
  } catch (error) {
    if (error instanceof Error && /does not support SSL/.test(error.message)) {
      return connectOnce(target, false);
    }
    throw error;
  }
}

async function connectOnce({ connection, address, signal }: QueryTarget, tls: boolean) {
  signal.throwIfAborted();
  const socket = new Socket();
  const config: ClientConfig = {
    host: address,
    port: connection.port,
    database: connection.database,
    user: connection.user,
    // A function, because an empty string would make pg look for a password elsewhere.
    password: () => connection.password,
    ssl: tls ? tlsOptions(connection) : false,
    stream: () => socket,
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
    keepAlive: true,
    application_name: 'durable-experiments',
  };
  const client = new Client(config);
  // A broken connection fails the query that runs; without a listener it would also end the process.
  client.on('error', () => undefined);
  const destroy = (): void => void socket.destroy();
  signal.addEventListener('abort', destroy);
  try {
    await client.connect();
    return { client, socket };
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', destroy);
  }
}

function tlsOptions(connection: QueryTarget['connection']) {
  const { host, tls, certificateAuthority } = connection;
  return {
    rejectUnauthorized: tls === 'verify-full',
    ...(certificateAuthority === undefined ? {} : { ca: certificateAuthority }),
    ...(isIP(host) === 0 ? { servername: host } : {}),
  };
}
