import { plainText } from '../../platform/plain-text.ts';
import { Failure } from '../../schemas/failure.ts';
import type { RunFailure } from '../../schemas/run-view.ts';
import { RunFailedError } from './tool.ts';

/** Of a sentence or a hint: names from the data in them are bounded where they are put in. */
const MOST_CHARACTERS = 2000;

/** Any error of a call as the failure that its caller sees; an unknown error shows nothing of itself. */
export function runFailure(error: unknown): RunFailure {
  const failure = failureOf(error);
  const [message, hint] = [failure.message, failure.hint].map((text) =>
    plainText(text.slice(0, MOST_CHARACTERS)),
  ) as [string, string];
  return { ...failure, message, hint };
}

function failureOf(error: unknown): RunFailure {
  if (error instanceof RunFailedError) {
    const { code, message, hint } = error.failure;
    return {
      ...{ code, step: error.step, message, hint },
      run_id: error.runId,
      workflow_id: error.workflowId,
    };
  }
  if (error instanceof Failure) {
    const { code, message, hint, retryAfterSeconds } = error;
    return {
      ...{ code, step: null, message, hint },
      ...(retryAfterSeconds !== undefined && { retry_after_seconds: retryAfterSeconds }),
    };
  }
  return {
    code: 'INTERNAL',
    step: null,
    message: 'The server failed for a reason of its own.',
    hint: 'Try again; the server’s log has the details.',
  };
}
