import { ApplicationFailure, CancelledFailure } from '@temporalio/common';

import { ArrayFileError } from '../platform/storage/array-file.ts';
import { storageFull } from '../platform/storage/storage-full.ts';
import { FAILURES, Failure, type FailureDetails } from '../schemas/failure.ts';
import { INSPECTION_WORKFLOW, stepOf, STEPS } from '../schemas/names.ts';

/** Tries of a step whose fault may lie in the attempt itself (a dead child, a bug, a full heap). */
const TRIES = 3;
/** Steps that wait for no neighbour: a mistyped host must not keep an agent waiting. */
const IMPATIENT: readonly string[] = [STEPS.validate, INSPECTION_WORKFLOW];

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** Memory that V8 could not get is a RangeError like any other, but for its text. */
function isFailedAllocation(error: unknown): boolean {
  return (
    error instanceof RangeError &&
    /allocation failed|array length|"size" is out of range/i.test(error.message)
  );
}

/** Any error as one of our codes; what we do not know is INTERNAL and keeps its text to the log. */
export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof ArrayFileError) {
    return new Failure(
      'BLOB_CORRUPT',
      'Stored data of this run can’t be read.',
      'Retry the run from its load step, and check the disk of the blob store.',
      { cause: error },
    );
  }
  const full = storageFull(error);
  if (full) return full;
  if (codeOf(error) === 'ERR_WORKER_OUT_OF_MEMORY' || isFailedAllocation(error)) {
    return new Failure(
      'MEMORY_LIMIT',
      'The problem needs more memory than the worker has.',
      'Use fewer rows or features, or give the worker more memory.',
      { cause: error },
    );
  }
  return new Failure(
    'INTERNAL',
    'The step failed for a reason of our own.',
    'The worker’s log has the details; the run can be reset in the Temporal UI.',
    { cause: error },
  );
}

/**
 * The error that Temporal records for a failed attempt: type = code, details = FailureDetails, and
 * no foreign text. Whether it is tried again follows from the code's row in schemas/failure.ts.
 * @param tries attempts in a row that have ended with this code
 */
export function activityFailure(failure: Failure, activityType: string, tries: number): Error {
  const step = stepOf(activityType);
  const { retry } = FAILURES[failure.code];
  const patient = retry === 'outage' && !IMPATIENT.includes(activityType);
  const details: FailureDetails = {
    code: failure.code,
    step,
    message: failure.message,
    hint: failure.hint,
  };
  return ApplicationFailure.create({
    message: failure.message,
    type: failure.code,
    nonRetryable: retry === 'never' || (tries >= TRIES && !patient),
    details: [details],
  });
}

/** True when an attempt ended because it was told to stop, whatever it threw while stopping. */
export function endedByCancellation(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted || error instanceof CancelledFailure;
}
