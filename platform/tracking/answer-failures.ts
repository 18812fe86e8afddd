import { Failure } from '../../schemas/failure.ts';
import { FROM_500, rowFor, WAIT } from './answer-table.ts';
import type { Again, FailureText, Row } from './answer-table.ts';
import { MlflowFault } from './mlflow-fault.ts';

export interface Verdict {
  readonly failure: Failure;
  readonly again: Again;
}

function errorCodeIn(text: string): string | undefined {
  try {
    const body: unknown = JSON.parse(text);
    const code = (body as { error_code?: unknown } | null)?.error_code;
    return typeof code === 'string' && /^[A-Z_]{1,60}$/.test(code) ? code : undefined;
  } catch {
    return undefined;
  }
}

/** The driver's name of a database's error, with which SQLAlchemy's messages begin: `psycopg.errors.UniqueViolation`. */
const driverErrorIn = (text: string): string | undefined =>
  /"message": ?"\(([\w.]{1,80})\)/.exec(text)?.[1];

/** What a request says for answers that mean something else for it than for others. */
export interface OwnTexts {
  /** When MLflow does not have the thing asked for. */
  readonly missing?: FailureText | undefined;
  /** When MLflow, being older, does not know the request. */
  readonly unsupported?: FailureText | undefined;
  /** When MLflow fails with an error that it does not explain. */
  readonly failing?: FailureText | undefined;
}

/** An S3 store's way of saying that there is no such artifact: it comes as a server's error. */
const NO_SUCH_OBJECT = /downloading one or more artifacts[^]*\b(404|NoSuchKey)\b/;
/** Not the thing asked for is missing then, but the place where it was looked for. */
const NO_WORKSPACE = /Workspace '[^']*' not found/;

function ownText(
  status: number,
  errorCode: string | undefined,
  text: string,
  { missing, unsupported }: OwnTexts,
): FailureText | undefined {
  if (NO_WORKSPACE.test(text)) return undefined;
  const unknown = errorCode === undefined || errorCode === 'ENDPOINT_NOT_FOUND';
  if ((status === 404 || status === 405) && unknown) return unsupported;
  const isMissing =
    (status === 404 && errorCode === 'RESOURCE_DOES_NOT_EXIST') ||
    (status === 500 && NO_SUCH_OBJECT.test(text));
  return isMissing ? missing : undefined;
}

/**
 * Judges an answer that is not a success.
 * @param text the start of the answer's body
 */
export function judgeAnswer(status: number, text: string, texts: OwnTexts = {}): Verdict {
  const errorCode = errorCodeIn(text);
  const known: Row = ownText(status, errorCode, text, texts) ?? rowFor(status, errorCode, text);
  const row = known === FROM_500 && status === 500 ? { ...known, ...texts.failing } : known;
  const again = row.again ?? 'never';
  const cause = new MlflowFault(`MLflow answered ${status}: ${text}`, {
    applied: again === 'repeatable' ? 'maybe' : 'no',
    status,
    errorCode: NO_WORKSPACE.test(text) ? undefined : errorCode,
    driverError: driverErrorIn(text),
  });
  return { failure: new Failure(row.code, row.message, row.hint, { cause }), again };
}

/** A success whose body is not what MLflow sends. The request may have done its work. */
export function strangeAnswer(status: number, what: string, cause?: unknown): Verdict {
  const failure = new Failure(
    'MLFLOW_REFUSED',
    `MLflow’s answer ${what}.`,
    'Check that MLFLOW_TRACKING_URI is the address of an MLflow 3 tracking server itself.',
    { cause: new MlflowFault(`the answer ${what}`, { applied: 'maybe', status, cause }) },
  );
  return { failure, again: 'never' };
}

/** Errors of a connection that was never made: nothing was sent. */
const NOT_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;

interface SilenceRow extends FailureText {
  /** The code of Node's error. */
  readonly fault: RegExp;
}

/** What time does not heal: nothing was sent, and it is not tried again at once. */
const SETTINGS: readonly SilenceRow[] = [
  {
    fault: /ALERT_CERTIFICATE_REQUIRED|ALERT_BAD_CERTIFICATE|ALERT_UNKNOWN_CA|CERTIFICATE_UNKNOWN/,
    code: 'MLFLOW_DENIED',
    message: 'MLflow demands a client certificate that it trusts.',
    hint: 'Set MLFLOW_TRACKING_CLIENT_CERT_PATH to a PEM file with certificate and key.',
  },
  {
    fault: /CERT|UNABLE_TO_VERIFY|ERR_TLS/,
    code: 'MLFLOW_UNAVAILABLE',
    message: 'MLflow’s TLS certificate cannot be verified.',
    hint: 'Renew the certificate, or name its issuer in MLFLOW_TRACKING_SERVER_CERT_PATH or NODE_EXTRA_CA_CERTS.',
  },
  {
    fault: /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/,
    code: 'MLFLOW_REFUSED',
    message: 'MLflow’s address is https://, but no TLS is spoken there.',
    hint: 'Use http:// in MLFLOW_TRACKING_URI, or the port on which MLflow, or the proxy before it, speaks TLS.',
  },
];

/** Node's code of an error; for OpenSSL's, which share one, what their text says, written like a code. */
function codeOf(reason: unknown): string {
  const { code = '', message = '' } = (reason ?? {}) as { code?: string; message?: string };
  const alert = code === 'EPROTO' ? /SSL routines:[^:]*:([^:]*)/.exec(message)?.[1] : undefined;
  return alert === undefined ? code : `ERR_SSL_${alert.toUpperCase().replaceAll(' ', '_')}`;
}

/** Judges a request that got no whole answer. */
export function judgeSilence(error: unknown): Verdict {
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    // Once more for a lost packet; a hanging server must not hold a slot several times as long.
    const cause = new MlflowFault('no answer in time', { applied: 'maybe', cause: error });
    const message = 'MLflow did not answer in time.';
    const failure = new Failure('MLFLOW_UNAVAILABLE', message, WAIT, { cause });
    return { failure, again: 'repeatable-once' };
  }
  const reason: unknown = error instanceof Error ? (error.cause ?? error) : error;
  if (reason instanceof Error && reason.message === 'bad port') {
    const cause = new MlflowFault('fetch blocks this port', { applied: 'no', cause: error });
    const message = 'MLflow’s port is one that HTTP clients do not call.';
    const hint = 'Let MLflow listen on another port (the Fetch standard blocks some).';
    return { failure: new Failure('MLFLOW_REFUSED', message, hint, { cause }), again: 'never' };
  }
  const code = codeOf(reason);
  const setting = SETTINGS.find(({ fault }) => fault.test(code));
  const unsent = setting !== undefined || NOT_CONNECTED.test(code);
  const cause = new MlflowFault(`no answer: ${code || String(reason)}`, {
    applied: unsent ? 'no' : 'maybe',
    cause: error,
  });
  if (setting) {
    const failure = new Failure(setting.code, setting.message, setting.hint, { cause });
    return { failure, again: 'never' };
  }
  const failure = new Failure('MLFLOW_UNAVAILABLE', 'MLflow cannot be reached.', WAIT, { cause });
  return { failure, again: unsent ? 'any' : 'repeatable' };
}
