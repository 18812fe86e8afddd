import {
  ActivityFailure,
  ApplicationFailure,
  TimeoutFailure,
  isCancellation,
} from '@temporalio/workflow';

import { FAILURES, type FailureCode, type FailureDetails } from '../schemas/failure.ts';
import { stepOf } from '../schemas/names.ts';

/** Walks down the causes: a timeout hides the failure of the last attempt below itself. */
function applicationFailureIn(error: unknown): ApplicationFailure | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure && (cause.type ?? '') in FAILURES) return cause;
  }
  return undefined;
}

function isTimeout(error: unknown): boolean {
  return error instanceof ActivityFailure && error.cause instanceof TimeoutFailure;
}

/** What went wrong, in the closed list of codes; `outOfTime` says that the run's own time limit ended it. */
export function failureDetails(error: unknown, outOfTime: boolean): FailureDetails {
  const step = error instanceof ActivityFailure ? stepOf(error.activityType) : null;
  if (outOfTime) {
    return {
      code: 'TIME_LIMIT',
      step,
      message: 'The run took longer than its time limit.',
      hint: 'Raise limits.timeout_seconds, or train on fewer rows.',
    };
  }
  if (isCancellation(error)) {
    return {
      code: 'CANCELLED',
      step,
      message: 'The run was cancelled.',
      hint: 'Start it again if it was a mistake.',
    };
  }
  const known = applicationFailureIn(error);
  if (known) {
    const details = known.details?.[0] as Partial<FailureDetails> | undefined;
    return {
      code: known.type as FailureCode,
      step: step ?? details?.step ?? null,
      message: known.message,
      hint: details?.hint ?? '',
    };
  }
  if (isTimeout(error)) {
    return {
      code: 'STEP_TIMEOUT',
      step,
      message: `The ${step ?? 'current'} step took longer than it may.`,
      hint: 'See the step in the Temporal UI; retry the run from there when the cause is gone.',
    };
  }
  return {
    code: 'INTERNAL',
    step,
    message: 'The run failed for a reason of our own.',
    hint: 'The worker’s log has the details; the run can be reset in the Temporal UI.',
  };
}

/** The failure that ends the workflow. A plain Error would be retried for ever. */
export function workflowFailure(details: FailureDetails, cause: unknown): ApplicationFailure {
  return ApplicationFailure.create({
    message: details.message,
    type: details.code,
    nonRetryable: true,
    details: [details],
    ...(cause instanceof Error ? { cause } : {}),
  });
}
