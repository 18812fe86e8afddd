import { Failure } from '../../schemas/failure.ts';

/** Nobody knows when a run ends. */
const LOOK_AGAIN_SECONDS = 15;

export function tooManyRunning(used: number, limit: number): Failure {
  return new Failure(
    'QUOTA_EXCEEDED',
    `${used} of at most ${limit} runs are going.`,
    'Wait until one has ended (mlflow_get_run with wait_seconds), or end one with mlflow_cancel_run.',
    { retryAfterSeconds: LOOK_AGAIN_SECONDS },
  );
}

export function tooManyToday(used: number, limit: number, secondsLeft: number): Failure {
  const minutes = Math.ceil(secondsLeft / 60);
  return new Failure(
    'QUOTA_EXCEEDED',
    `${used} of at most ${limit} runs have been started today.`,
    `Start the next after midnight UTC, in ${Math.floor(minutes / 60)} h ${minutes % 60} min, or ask for a higher quota.`,
    { retryAfterSeconds: secondsLeft },
  );
}

export function tooManyBytes(used: number, limit: number): Failure {
  return new Failure(
    'QUOTA_EXCEEDED',
    `Datasets and models of earlier runs take ${used} of at most ${limit} bytes.`,
    'Ask whoever runs the server to remove some of them, or for a higher quota.',
  );
}
