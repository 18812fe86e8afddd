import { Failure, type FailureCode } from '../../schemas/failure.ts';
import { runFailure } from '../tools/run-failure.ts';
import { RunFailedError } from '../tools/tool.ts';

/** The ids of the run that a call is about, as far as they are known. */
export interface RunIds {
  readonly workflowId?: string | undefined;
  readonly runId?: string | undefined;
}

/** How a call ended, and about which run it was. */
export interface CallEnd extends RunIds {
  readonly outcome: 'completed' | 'failed' | 'cancelled';
  readonly code?: FailureCode;
}

/** The end of a call that was answered. */
export function completedEnd(answer: unknown): CallEnd {
  const { workflow_id: workflowId, run_id: runId } = (answer ?? {}) as Record<string, unknown>;
  return {
    outcome: 'completed',
    ...(typeof workflowId === 'string' && { workflowId }),
    ...(typeof runId === 'string' && { runId }),
  };
}

/** The end of a call that failed. */
export function failedEnd(error: unknown): CallEnd {
  const { code } = runFailure(error);
  const outcome = code === 'CANCELLED' ? 'cancelled' : 'failed';
  if (!(error instanceof RunFailedError)) return { outcome, code };
  const { workflowId, runId } = error;
  return { outcome, code, workflowId, ...(runId !== null && { runId }) };
}

/** For a call that was made, but whose end is not in the log: nobody shall think that nothing has happened. */
export function unrecordedEnd({ workflowId, runId }: RunIds, cause: unknown): Error {
  const failure = new Failure(
    'AUDIT_UNAVAILABLE',
    'The call was made, but its end could not be written into the audit log.',
    workflowId === undefined
      ? 'See with mlflow_get_run what has come of it before you call again.'
      : `See with mlflow_get_run, run_id ${workflowId}, what has come of it before you call again.`,
    { cause },
  );
  if (workflowId === undefined) return failure;
  return new RunFailedError(failure, { step: null, runId: runId ?? null, workflowId });
}
