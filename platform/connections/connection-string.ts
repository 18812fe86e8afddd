import { isIPv6 } from 'node:net';

import { Failure } from '../../schemas/failure.ts';

/**
 * How a connection is encrypted: `prefer` tries TLS and goes on without it where the server has none,
 * `require` insists but does not check the certificate, `verify-full` checks certificate and name.
 */
export type TlsMode = 'disable' | 'prefer' | 'require' | 'verify-full';

/** A database server: what a driver is given, one field at a time, never a string to parse. */
export interface ServerConnection {
  readonly kind: 'postgresql' | 'mysql';
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly tls: TlsMode;
}

/** A SQLite file; the path is as it was written and still has to pass the data roots. */
export interface SqliteConnection {
  readonly kind: 'sqlite';
  readonly path: string;
}

export type Connection = ServerConnection | SqliteConnection;

const HINT =
  'Write postgresql://user:password@host:port/database, mysql://user:password@host:port/database or sqlite:///path/to/file.';
/** The scheme, then the five parts in the order SQLAlchemy reads them (a password may hold “/” and “:”). */
const SCHEME = /^([a-z]+)(?:\+[a-z0-9_]{1,32})?:\/\//;
const SERVER =
  /^(?:([^:/]*)(?::([^@]*))?@)?(\[[^/?]+\]|[^/:?]*)(?::([^/?]*))?(?:\/([^?]*))?(?:\?(.*))?$/;
const HOST = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/;
const KINDS = new Map([
  ['postgresql', { kind: 'postgresql', port: 5432 }],
  ['postgres', { kind: 'postgresql', port: 5432 }],
  ['mysql', { kind: 'mysql', port: 3306 }],
  ['mariadb', { kind: 'mysql', port: 3306 }],
] as const);
const SSL_MODES = new Map<string, TlsMode>([
  ['disable', 'disable'],
  ['allow', 'prefer'],
  ['prefer', 'prefer'],
  ['require', 'require'],
  ['verify-full', 'verify-full'],
]);

/** What the name of a configured connection looks like. */
export const CONNECTION_NAME = /^[A-Za-z0-9_.-]{1,100}$/;

/**
 * True for all that is no name: even what reads as nothing may hold a password, and a name goes where no
 * password may.
 */
export function isConnectionString(text: string): boolean {
  return !CONNECTION_NAME.test(text);
}

/**
 * Reads a connection string in SQLAlchemy's forms, strictly: one host, no unix socket, no driver
 * options beyond `sslmode` (PostgreSQL) and `charset` (MySQL, ignored: it is always UTF-8).
 * Messages never repeat a part of the string, because any part may be the password.
 * @throws Failure INVALID_REQUEST when it does not read as one, CONNECTION_NOT_ALLOWED for a refused part
 */
export function parseConnectionString(text: string): Connection {
  if (text.length > 2048 || hasControlCharacter(text)) {
    throw malformed('The connection string is too long or holds control characters.');
  }
  const scheme = SCHEME.exec(text);
  const rest = text.slice(scheme?.[0].length ?? 0);
  if (scheme?.[1] === 'sqlite') return { kind: 'sqlite', path: sqlitePath(rest) };
  const known = scheme ? KINDS.get(scheme[1] as 'mysql') : undefined;
  if (!known) {
    throw malformed(
      'The connection string does not start with postgresql://, mysql:// or sqlite:///.',
    );
  }
  const parts = SERVER.exec(rest);
  if (!parts)
    throw malformed('The connection string does not read as user:password@host:port/database.');
  const [, user, password, host, port, database, query] = parts;
  if (database === undefined || database === '' || user === undefined || user === '') {
    throw malformed('The connection string names no user or no database.');
  }
  // Then the first “@” was one of the password, and what is taken for host and database is the rest of it.
  if (database.includes('@')) {
    throw malformed('The connection string holds an “@” after its host: in a password write %40.');
  }
  return {
    kind: known.kind,
    host: checkedHost(host ?? ''),
    port: checkedPort(port, known.port),
    database,
    user: decoded(user),
    password: decoded(password ?? ''),
    tls: tlsOf(known.kind, query ?? ''),
  };
}

/**
 * A connection, or the string of one, in one line without its password.
 * @throws Failure as {@link parseConnectionString} does for a string
 */
export function displayOf(shown: Connection | string): string {
  const connection = typeof shown === 'string' ? parseConnectionString(shown) : shown;
  if (connection.kind === 'sqlite') return `sqlite:///${connection.path}`;
  const { kind, user, host, port, database } = connection;
  return `${kind}://${encodeURIComponent(user)}@${isIPv6(host) ? `[${host}]` : host}:${port}/${database}`;
}

function sqlitePath(rest: string): string {
  // sqlite:///data.db is a relative path, sqlite:////data.db an absolute one, sqlite:// lives in memory.
  if (!rest.startsWith('/'))
    throw malformed('A SQLite connection string has three or four slashes.');
  const path = rest.slice(1);
  if (path === '' || path.startsWith(':memory:') || path.startsWith('file:')) {
    throw refused('A SQLite database is named by the path of a file.', HINT);
  }
  if (path.includes('?')) {
    throw refused(
      'A SQLite connection string takes no options.',
      'Leave out everything from “?” on.',
    );
  }
  return path;
}

function checkedHost(host: string): string {
  if (host.startsWith('[')) {
    const address = host.slice(1, -1);
    if (isIPv6(address) && !address.includes('%')) return address;
  } else if (HOST.test(host)) {
    return host;
  } else if (host === '') {
    throw refused(
      'The connection string names no host.',
      'Name the host; unix sockets are not used.',
    );
  }
  throw refused(
    'The connection string does not name exactly one host.',
    'Write one host name or address; lists of hosts and unix sockets are not used.',
  );
}

function checkedPort(port: string | undefined, standard: number): number {
  if (port === undefined || port === '') return standard;
  const value = Number(port);
  if (!/^\d{1,5}$/.test(port) || value < 1 || value > 65_535) {
    throw malformed('The port in the connection string is not a number from 1 to 65535.');
  }
  return value;
}

function tlsOf(kind: ServerConnection['kind'], query: string): TlsMode {
  let tls: TlsMode = 'prefer';
  for (const option of query.split('&').filter((entry) => entry !== '')) {
    const [name, value = ''] = option.split('=', 2);
    const mode = SSL_MODES.get(value);
    if (kind === 'mysql' && name === 'charset' && /^utf8(mb[34])?$/.test(value)) continue;
    if (name !== 'sslmode' || mode === undefined) {
      throw refused(
        'The connection string carries an option that is not allowed.',
        'Only sslmode=disable, prefer, require or verify-full may follow the “?”; configure a named connection for more.',
      );
    }
    tls = mode;
  }
  return tls;
}

function decoded(text: string): string {
  let plain: string;
  try {
    plain = decodeURIComponent(text);
  } catch {
    throw malformed('The user or password in the connection string holds a broken % escape.');
  }
  if (hasControlCharacter(plain)) {
    throw malformed('The user or password in the connection string holds a control character.');
  }
  return plain;
}

function hasControlCharacter(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

function malformed(message: string): Failure {
  return new Failure('INVALID_REQUEST', message, HINT);
}

function refused(message: string, hint: string): Failure {
  return new Failure('CONNECTION_NOT_ALLOWED', message, hint);
}
