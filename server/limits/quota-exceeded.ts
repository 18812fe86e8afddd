import { Failure } from '../../schemas/failure.ts';

/** Nobody knows when a run ends. */
const LOOK_AGAIN_SECONDS = 15;

/** @param used runs that are going, of at most `limit` */
export function tooManyRunning(used: number, limit: number): Failure {
  return new Failure(
    'QUOTA_EXCEEDED',
    `${used} of at most ${limit} runs are going.`,
    'Wait until one has ended (mlflow_get_run with wait_seconds), or end one with mlflow_cancel_run.',
    { retryAfterSeconds: LOOK_AGAIN_SECONDS },
  );
}

/** @param secondsLeft until midnight UTC, when runs are counted anew */
export function tooManyToday(used: number, limit: number, secondsLeft: number): Failure {
  const minutes = Math.ceil(secondsLeft / 60);
  return new Failure(
    'QUOTA_EXCEEDED',
    `${used} of at most ${limit} runs have been started today.`,
    `Start the next after midnight UTC, in ${Math.floor(minutes / 60)} h ${minutes % 60} min, or ask for a higher quota.`,
    { retryAfterSeconds: secondsLeft },
  );
}

/** Without a time to come again: only the operator removes blobs. @param used bytes, of at most `limit` */
export function tooManyBytes(used: number, limit: number): Failure {
  return new Failure(
    'QUOTA_EXCEEDED',
    `Datasets and models of earlier runs take ${used} of at most ${limit} bytes.`,
    'Ask whoever runs the server to remove some of them, or for a higher quota.',
  );
}
