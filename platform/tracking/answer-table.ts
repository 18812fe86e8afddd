import type { FailureCode } from '../../schemas/failure.ts';

/** A failure in our own words. */
export interface FailureText {
  readonly code: FailureCode;
  readonly message: string;
  readonly hint: string;
}

/**
 * When a request may be sent again at once: 'any' because MLflow has not begun with it,
 * 'repeatable' because it may have, so that only a request that does no harm twice is repeated.
 */
export type Again = 'never' | 'repeatable-once' | 'repeatable' | 'any';

export interface Row extends FailureText {
  readonly status?: readonly number[];
  readonly errorCode?: RegExp;
  readonly text?: RegExp;
  readonly again?: Again;
}

export const WAIT = 'The step tries again by itself; see to it that MLflow is up and reachable.';

/** From MLflow's answers to ours; the first row that fits counts. */
const ROWS: readonly Row[] = [
  {
    status: [401],
    code: 'MLFLOW_DENIED',
    message: 'MLflow does not accept the credentials.',
    hint: 'Check MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN.',
  },
  {
    status: [403],
    text: /invalid host header/i,
    code: 'MLFLOW_DENIED',
    message: 'MLflow refuses the host name under which it is addressed.',
    hint: 'Start MLflow with --allowed-hosts that lists the host and port of MLFLOW_TRACKING_URI.',
  },
  {
    status: [403],
    code: 'MLFLOW_DENIED',
    message: 'MLflow does not permit this to the configured user.',
    hint: 'Give that user EDIT permission on the experiment, and on the registered model if there is one; leave artifacts in MLflow’s default location.',
  },
  {
    status: [503],
    text: /serve-artifacts|artifact serving/i,
    code: 'MLFLOW_REFUSED',
    message: 'This MLflow does not take artifacts over HTTP.',
    hint: 'Start MLflow with --serve-artifacts and --artifacts-destination.',
  },
  {
    // nginx's page for a request without the certificate that it is told to ask for.
    status: [400],
    text: /No required SSL certificate was sent|The SSL certificate error/,
    code: 'MLFLOW_DENIED',
    message: 'The proxy before MLflow demands a client certificate that it trusts.',
    hint: 'Set MLFLOW_TRACKING_CLIENT_CERT_PATH to a PEM file with certificate and key.',
  },
  {
    status: [404],
    text: /Workspace '[^']*' not found/,
    code: 'MLFLOW_REFUSED',
    message: 'MLflow has no workspace of the configured name.',
    hint: 'Check MLFLOW_WORKSPACE against the workspaces that MLflow lists.',
  },
  {
    errorCode: /^FEATURE_DISABLED$/,
    code: 'MLFLOW_REFUSED',
    message: 'What was asked for is switched off in this MLflow.',
    hint: 'Unset MLFLOW_WORKSPACE, or start MLflow with --enable-workspaces.',
  },
  {
    status: [400],
    text: /Invalid page token/,
    code: 'INVALID_REQUEST',
    message: 'This page token is none of MLflow’s.',
    hint: 'Pass on the token of the answer before, with the same conditions, or leave it out.',
  },
  {
    // SQLAlchemy's pool ran dry. MLflow calls it a bad request, but it heals when the load goes.
    status: [400],
    errorCode: /^BAD_REQUEST$/,
    text: /QueuePool limit of size|sqlalche\.me\/e\/\w+\/3o7r/,
    code: 'MLFLOW_UNAVAILABLE',
    message: 'MLflow has more requests than its database connections can serve.',
    hint: 'The step tries again by itself; lower MLFLOW_CONCURRENCY if it happens often.',
    again: 'repeatable',
  },
  {
    // From drivers that call it an InternalError as a bad request.
    status: [400, 500, 503],
    text: /readonly database|read[- ]only (transaction|mode)|--(super-)?read-only/i,
    code: 'MLFLOW_REFUSED',
    message: 'MLflow’s database cannot be written to.',
    hint: 'Make MLflow’s database writable, then retry the run.',
  },
  {
    status: [500, 503],
    text: /disk (is )?full|no space left/i,
    code: 'MLFLOW_UNAVAILABLE',
    message: 'MLflow’s disk is full.',
    hint: 'Free space where MLflow keeps its database and artifacts; the step tries again by itself.',
    again: 'repeatable',
  },
  {
    // Two attempts wrote the same rows at once; the second time MLflow sees that they are there. Drivers name the
    // error as they like (psycopg says UniqueViolation), so that SQLAlchemy's address of it is what tells.
    status: [400],
    errorCode: /^BAD_REQUEST$/,
    text: /IntegrityError|sqlalche\.me\/e\/\w+\/gkpj\)"/,
    code: 'MLFLOW_REFUSED',
    message: 'MLflow could not store this beside what it already has.',
    hint: 'Retry the run; our log has the kind of error that MLflow’s database gave.',
    again: 'repeatable',
  },
  {
    // A connection that broke, a transaction that failed, statements that a pool before PostgreSQL mixes up: for MLflow
    // bad requests, like all of SQLAlchemy's errors but one. The addresses are of DBAPIError, InterfaceError, InternalError
    // and of a transaction to roll back; they end the message, where nothing of a caller's can stand.
    status: [400],
    errorCode: /^BAD_REQUEST$/,
    text: /sqlalche\.me\/e\/\w+\/(dbapi|rvf5|2j85|8s2b)\)"|"\(psycopg\.errors\.((DuplicatePreparedStatement|InvalidSqlStatementName)\)|FeatureNotSupported\) cached plan)/,
    code: 'MLFLOW_UNAVAILABLE',
    message: 'MLflow’s database fails.',
    hint: 'The step tries again by itself; our log has the kind of error that MLflow’s database gave.',
    again: 'repeatable',
  },
  {
    status: [400],
    text: /The experiment \S+ must be in the 'active' state/,
    code: 'MLFLOW_REFUSED',
    message: 'The experiment was deleted in MLflow.',
    hint: 'Restore it in MLflow, or use another experiment name.',
  },
  {
    status: [400],
    text: /The run \S+ must be in the 'active' state/,
    code: 'MLFLOW_REFUSED',
    message: 'The run was deleted in MLflow.',
    hint: 'Restore the run in MLflow, or the experiment if it was deleted as a whole; or start a new run.',
  },
  {
    status: [400],
    text: /Changing param values is not allowed/,
    code: 'MLFLOW_REFUSED',
    message: 'The run already has parameters with other values, and MLflow never changes one.',
    hint: 'Start a new run for changed data or parameters.',
  },
  {
    status: [404],
    errorCode: /^RESOURCE_DOES_NOT_EXIST$/,
    code: 'MLFLOW_REFUSED',
    message: 'MLflow no longer has what the request names.',
    hint: 'Look in MLflow whether the experiment or the run was deleted, then start a new run.',
  },
  {
    status: [404, 405],
    code: 'MLFLOW_REFUSED',
    message: 'The address does not answer as an MLflow 3 tracking server.',
    hint: 'Check MLFLOW_TRACKING_URI, any path in it, and MLflow’s version.',
  },
  {
    status: [413],
    code: 'MLFLOW_REFUSED',
    message: 'MLflow, or a proxy before it, takes no request of this size.',
    hint: 'Raise the body size limit of the proxy before MLflow.',
  },
  {
    status: [429],
    code: 'MLFLOW_UNAVAILABLE',
    message: 'MLflow takes no more requests at the moment.',
    hint: 'The step tries again by itself; lower MLFLOW_CONCURRENCY if it happens often.',
    again: 'any',
  },
  {
    errorCode: /^(RESOURCE_ALREADY_EXISTS|ALREADY_EXISTS|RESOURCE_CONFLICT)$/,
    code: 'MLFLOW_REFUSED',
    message: 'MLflow already has something of this name.',
    hint: 'Use another name, or what is there already.',
  },
  {
    errorCode: /^(INVALID_STATE|NOT_IMPLEMENTED|DATA_LOSS)$/,
    code: 'MLFLOW_REFUSED',
    message: 'MLflow cannot do what the request asks for.',
    hint: 'Look at MLflow’s log for the cause, and check its version.',
  },
];

export const FROM_500: Row = {
  code: 'MLFLOW_UNAVAILABLE',
  message: 'MLflow answers with an error of its own.',
  hint: WAIT,
  again: 'repeatable',
};
const OTHERWISE: Row = {
  code: 'MLFLOW_REFUSED',
  message: 'MLflow refused the request.',
  hint: 'Check the names and values in the request; our log has the status and error code of MLflow’s answer.',
};
const REDIRECT: Row = {
  code: 'MLFLOW_REFUSED',
  message: 'MLflow’s address answers with a redirect, which is not followed.',
  hint: 'Set MLFLOW_TRACKING_URI to the final address; if the redirect is a login page, set credentials.',
};

/** The row for an answer that is not a success. */
export function rowFor(status: number, errorCode: string | undefined, text: string): Row {
  if (status >= 300 && status < 400) return REDIRECT;
  const found = ROWS.find(
    (row) =>
      (row.status === undefined || row.status.includes(status)) &&
      (row.errorCode === undefined || row.errorCode.test(errorCode ?? '')) &&
      (row.text === undefined || row.text.test(text)),
  );
  // 408 and 499 come from proxies, ABORTED (409) from MLflow when it lost a race: all pass.
  const passing = status >= 500 || [408, 409, 499].includes(status);
  return found ?? (passing ? FROM_500 : OTHERWISE);
}
