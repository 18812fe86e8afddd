/** Whether MLflow may have done what the request asked for, although the request failed. */
export type Applied = 'no' | 'maybe';

interface FaultFacts {
  readonly applied: Applied;
  /** HTTP status; null when there was no answer. */
  readonly status?: number;
  /** MLflow's `error_code`, e.g. RESOURCE_ALREADY_EXISTS. */
  readonly errorCode?: string | undefined;
  /** The name of its database's error, when the answer has it. */
  readonly driverError?: string | undefined;
  readonly cause?: unknown;
}

/**
 * What went wrong between us and MLflow, in MLflow's or the driver's words. It is only ever the
 * `cause` of a Failure: for the log, never for the caller.
 */
export class MlflowFault extends Error {
  override readonly name = 'MlflowFault';
  readonly applied: Applied;
  readonly status: number | null;
  readonly errorCode: string | null;
  /** Status, error code and database's error, as logs tell them: unlike the text they hold nothing of a request. */
  readonly code: string;

  constructor(text: string, facts: FaultFacts) {
    super(text.slice(0, 2000), { cause: facts.cause });
    this.applied = facts.applied;
    this.status = facts.status ?? null;
    this.errorCode = facts.errorCode ?? null;
    const parts = [this.status ?? 'unanswered', this.errorCode, facts.driverError];
    this.code = parts.filter(Boolean).join(' ');
  }
}

function faultOf(error: unknown): MlflowFault | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof MlflowFault ? cause : undefined;
}

/** True when a failed request may nevertheless have taken effect: ask before repeating it. */
export function mayHaveTakenEffect(error: unknown): boolean {
  return faultOf(error)?.applied === 'maybe';
}

/** MLflow's `error_code` behind a Failure of this client, or null. */
export function mlflowErrorCode(error: unknown): string | null {
  return faultOf(error)?.errorCode ?? null;
}

/** The HTTP status behind a Failure of this client, or null. */
export function mlflowStatus(error: unknown): number | null {
  return faultOf(error)?.status ?? null;
}
