import { Failure } from '../schemas/failure.ts';

/** The failure for a disk or a quota that is full; undefined for any other error. */
export function storageFailure(error: unknown): Failure | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return undefined;
  return new Failure(
    'STORAGE_FULL',
    'The blob store has no room left.',
    'Free disk space where BLOB_STORE lies; the run goes on by itself.',
    { cause: error },
  );
}
