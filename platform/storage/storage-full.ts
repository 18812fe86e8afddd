import { Failure } from '../../schemas/failure.ts';

/** A full disk, a quota that is used up, and a file above the process's limit (ulimit -f). */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Where blobs and scratch lie, as far as those know who write there. */
const WORKED_IN = 'BLOB_STORE (with S3, STATE_DIR)';

/** The failure for a disk that takes no more; undefined for any other error. */
export function storageFull(error: unknown, place?: string): Failure | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return FULL.has(code) ? noRoom(error, place) : undefined;
}

/** @param place the setting that says where the full disk is */
export function noRoom(cause: unknown, place = WORKED_IN): Failure {
  return new Failure(
    'STORAGE_FULL',
    `There is no room left where ${place} lies.`,
    'Free disk space there, or raise the quota: a run that waits goes on by itself, one that failed can be retried.',
    { cause },
  );
}

/**
 * The result of something that writes. A full disk becomes a failure here, where it is known for one:
 * who reads from a database would take the error for the database's. @throws Failure STORAGE_FULL
 */
export async function whileThereIsRoom<T>(writing: Promise<T>): Promise<T> {
  try {
    return await writing;
  } catch (error) {
    throw storageFull(error) ?? error;
  }
}
