import { Failure } from '../../../schemas/failure.ts';
import { unavailable } from './host-policy.ts';

/** Socket errors that mean “not now”, whichever database it is. */
const AWAY = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'PROTOCOL_CONNECTION_LOST',
]);

/** A socket error in our words; undefined when it is none. */
export function socketFailure(error: unknown): Failure | undefined {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  if (AWAY.has(code)) return unavailable('The database can’t be reached.', error);
  if (/timeout expired|Connection terminated|connect ETIMEDOUT|Connection lost/i.test(message)) {
    return unavailable('The connection to the database broke off.', error);
  }
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT' || /does not support SSL/.test(message)) {
    return new Failure(
      'DATABASE_LOGIN_FAILED',
      'The connection asks for encryption, and the database offers none.',
      'Turn on TLS in the database, or use sslmode=prefer.',
      { cause: error },
    );
  }
  if (/^ERR_TLS|^ERR_SSL|CERT|SELF_SIGNED/.test(code)) {
    return new Failure(
      'DATABASE_LOGIN_FAILED',
      'The database’s TLS certificate could not be verified.',
      'Give its certificate authority in the named connection, or ask the operator.',
      { cause: error },
    );
  }
  return undefined;
}

export function loginFailed(cause: unknown): Failure {
  return new Failure(
    'DATABASE_LOGIN_FAILED',
    'The database refused the user or password of the connection.',
    'Check the connection’s user and password.',
    { cause },
  );
}

export function unknownDatabase(cause: unknown): Failure {
  return new Failure(
    'CONNECTION_NOT_FOUND',
    'The database that the connection names does not exist on its server.',
    'Check the name of the database.',
    { cause },
  );
}
