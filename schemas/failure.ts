/**
 * Every way in which a request or a step can fail, and what follows from it.
 * `status` is the HTTP status of /invoke; `retry` tells a step whether trying again may help:
 * 'never' ends the run, 'outage' means that a neighbour is away and the step waits for it,
 * 'attempt' is a fault of this attempt only.
 */
export const FAILURES = {
  // The request itself
  INVALID_REQUEST: { status: 400, retry: 'never' },
  REQUEST_TOO_OLD: { status: 400, retry: 'never' },
  REQUEST_TOO_LARGE: { status: 413, retry: 'never' },
  UNKNOWN_TOOL: { status: 404, retry: 'never' },
  RUN_NOT_FOUND: { status: 404, retry: 'never' },
  RUN_STILL_RUNNING: { status: 409, retry: 'never' },
  RUN_NOT_RETRYABLE: { status: 409, retry: 'never' },
  UNKNOWN_STEP: { status: 400, retry: 'never' },
  EXPERIMENT_NOT_FOUND: { status: 404, retry: 'never' },
  MODEL_NOT_FOUND: { status: 404, retry: 'never' },
  MODEL_NAME_INVALID: { status: 400, retry: 'never' },
  IDEMPOTENCY_CONFLICT: { status: 409, retry: 'never' },
  TRACKING_URI_NOT_ALLOWED: { status: 403, retry: 'never' },
  HOST_NOT_ALLOWED: { status: 403, retry: 'never' },

  // Who calls, and how much
  UNAUTHENTICATED: { status: 401, retry: 'never' },
  AUTHENTICATION_UNAVAILABLE: { status: 503, retry: 'never' },
  SCOPE_MISSING: { status: 403, retry: 'never' },
  RATE_LIMITED: { status: 429, retry: 'never' },
  QUOTA_EXCEEDED: { status: 429, retry: 'never' },

  // The source
  PATH_NOT_ALLOWED: { status: 403, retry: 'never' },
  FILE_NOT_FOUND: { status: 404, retry: 'never' },
  FILE_UNREADABLE: { status: 422, retry: 'never' },
  CONNECTION_NOT_FOUND: { status: 404, retry: 'never' },
  CONNECTION_NOT_ALLOWED: { status: 403, retry: 'never' },
  QUERY_NOT_ALLOWED: { status: 403, retry: 'never' },
  QUERY_FAILED: { status: 422, retry: 'never' },
  QUERY_TIMEOUT: { status: 422, retry: 'never' },
  DATABASE_LOGIN_FAILED: { status: 403, retry: 'never' },
  DATABASE_UNAVAILABLE: { status: 503, retry: 'outage' },

  // The data
  NO_ROWS: { status: 422, retry: 'never' },
  COLUMN_NOT_FOUND: { status: 422, retry: 'never' },
  COLUMN_NOT_NUMERIC: { status: 422, retry: 'never' },
  COLUMN_NOT_TEXT: { status: 422, retry: 'never' },
  MISSING_VALUES: { status: 422, retry: 'never' },
  VALUE_OUT_OF_RANGE: { status: 422, retry: 'never' },
  MIXED_LABELS: { status: 422, retry: 'never' },
  TOO_MANY_CLASSES: { status: 422, retry: 'never' },
  ONE_CLASS: { status: 422, retry: 'never' },
  CLASS_TOO_SMALL: { status: 422, retry: 'never' },
  TOO_FEW_ROWS: { status: 422, retry: 'never' },
  EMPTY_VOCABULARY: { status: 422, retry: 'never' },
  UNKNOWN_METRIC: { status: 422, retry: 'never' },
  DATA_CHANGED: { status: 422, retry: 'never' },

  // Limits
  ROW_LIMIT: { status: 422, retry: 'never' },
  BYTE_LIMIT: { status: 422, retry: 'never' },
  TIME_LIMIT: { status: 422, retry: 'never' },
  MEMORY_LIMIT: { status: 422, retry: 'never' },

  // Neighbours and our own house
  MLFLOW_UNAVAILABLE: { status: 503, retry: 'outage' },
  MLFLOW_DENIED: { status: 403, retry: 'never' },
  MLFLOW_REFUSED: { status: 422, retry: 'never' },
  TEMPORAL_UNAVAILABLE: { status: 503, retry: 'outage' },
  BLOB_MISSING: { status: 500, retry: 'never' },
  BLOB_CORRUPT: { status: 500, retry: 'never' },
  AUDIT_UNAVAILABLE: { status: 503, retry: 'outage' },
  STORAGE_FULL: { status: 503, retry: 'outage' },
  STORAGE_UNAVAILABLE: { status: 503, retry: 'outage' },
  PAYLOAD_UNREADABLE: { status: 500, retry: 'outage' },
  READER_DIED: { status: 422, retry: 'attempt' },
  STEP_TIMEOUT: { status: 503, retry: 'never' },
  CANCELLED: { status: 409, retry: 'never' },
  SETUP_FAILED: { status: 500, retry: 'never' },
  INTERNAL: { status: 500, retry: 'attempt' },
} as const satisfies Record<string, { status: number; retry: 'never' | 'outage' | 'attempt' }>;

export type FailureCode = keyof typeof FAILURES;

/** A failure as the caller, MLflow and Temporal's history see it. */
export interface FailureDetails {
  readonly code: FailureCode;
  /** The step that failed; null where there was none. */
  readonly step: string | null;
  readonly message: string;
  readonly hint: string;
}

/**
 * The one error that may reach a caller: a code, one sentence in our own words, and what to do about it.
 * `cause` stays in the log; it is never sent.
 */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: FailureCode;
  readonly hint: string;
  /** When the same request may do, where that is known. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: FailureCode,
    message: string,
    hint: string,
    options?: ErrorOptions & { readonly retryAfterSeconds?: number | undefined },
  ) {
    super(message, options);
    this.code = code;
    this.hint = hint;
    this.retryAfterSeconds = options?.retryAfterSeconds;
  }
}
