import { Failure } from '../../schemas/failure.ts';
import { rowFor, WAIT } from './answer-table.ts';
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

/**
 * Judges an answer that is not a success.
 * @param text the start of the answer's body
 * @param missing what to say when MLflow does not have the thing asked for
 */
export function judgeAnswer(status: number, text: string, missing?: FailureText): Verdict {
  const errorCode = errorCodeIn(text);
  const isMissing = status === 404 && errorCode === 'RESOURCE_DOES_NOT_EXIST';
  const row: Row = isMissing && missing ? missing : rowFor(status, errorCode, text);
  const again = row.again ?? 'never';
  const cause = new MlflowFault(`MLflow answered ${status}: ${text}`, {
    applied: again === 'repeatable' ? 'maybe' : 'no',
    status,
    errorCode,
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
const CERTIFICATE = /CERT|UNABLE_TO_VERIFY|ERR_TLS/;

/** Judges a request that got no whole answer. */
export function judgeSilence(error: unknown): Verdict {
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    // Not repeated at once: a hanging server must not hold a slot several times as long.
    const cause = new MlflowFault('no answer in time', { applied: 'maybe', cause: error });
    const message = 'MLflow did not answer in time.';
    return { failure: new Failure('MLFLOW_UNAVAILABLE', message, WAIT, { cause }), again: 'never' };
  }
  const reason: unknown = error instanceof Error ? (error.cause ?? error) : error;
  if (reason instanceof Error && reason.message === 'bad port') {
    const cause = new MlflowFault('fetch blocks this port', { applied: 'no', cause: error });
    const message = 'MLflow’s port is one that HTTP clients do not call.';
    const hint = 'Let MLflow listen on another port (the Fetch standard blocks some).';
    return { failure: new Failure('MLFLOW_REFUSED', message, hint, { cause }), again: 'never' };
  }
  const code = (reason as { code?: string } | null)?.code ?? '';
  const certificate = CERTIFICATE.test(code);
  const unsent = certificate || NOT_CONNECTED.test(code);
  const cause = new MlflowFault(`no answer: ${code || String(reason)}`, {
    applied: unsent ? 'no' : 'maybe',
    cause: error,
  });
  const failure = certificate
    ? new Failure(
        'MLFLOW_UNAVAILABLE',
        'MLflow’s TLS certificate cannot be verified.',
        'Renew the certificate, or name its issuer in NODE_EXTRA_CA_CERTS.',
        { cause },
      )
    : new Failure('MLFLOW_UNAVAILABLE', 'MLflow cannot be reached.', WAIT, { cause });
  return { failure, again: certificate ? 'never' : unsent ? 'any' : 'repeatable' };
}
