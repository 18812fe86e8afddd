import { Failure } from '../../schemas/failure.ts';
import { causeOf, statusOf } from './s3-bucket.ts';
import { noRoom, storageFull } from './storage-full.ts';

/** Of this machine's disk, and not of S3. */
const LOCAL = new Set(
  'EACCES EBUSY EEXIST EIO EISDIR EMFILE ENFILE ENOENT ENOTDIR EPERM EROFS EXDEV'.split(' '),
);
/** Raised by the SDK before it sends anything. */
const UNCONFIGURED = new Set(['CredentialsProviderError', 'TokenProviderError']);
/** Refusals that pass by themselves. */
const PASSING = new Set([408, 409, 425, 429]);
/** These, too, though S3 says that the request was wrong: it came damaged, or once more after an answer that was lost. */
const PASSING_NAMES = new Set(
  'ExpiredToken RequestTimeout IncompleteBody BadDigest XAmzContentSHA256Mismatch InvalidPart NoSuchUpload'.split(
    ' ',
  ),
);

/** What S3 calls an object that is not there, with and without a body in the answer. */
const NO_OBJECT = new Set(['NoSuchKey', 'NotFound']);

/** True for an object that is not there; a bucket that is not there, or a proxy that knows no S3, is another matter. */
export function isNoObject(error: unknown): boolean {
  return statusOf(error) === 404 && NO_OBJECT.has(causeOf(error));
}

/**
 * What an error means that came out of a call to S3: an outage that a step waits for, a setup that is wrong,
 * or an error of our own, which stays as it is.
 */
export function s3Failure(error: unknown): unknown {
  if (error instanceof Failure || error instanceof TypeError) return error;
  const { code, name, message } = error as NodeJS.ErrnoException;
  const full = storageFull(error, 'STATE_DIR');
  if (full) return full;
  if (LOCAL.has(code ?? '')) return error;
  const status = statusOf(error);
  if (status === 507) return noRoom(error, 'BLOB_STORE');
  const unset = UNCONFIGURED.has(name) || /^Region is missing/.test(message);
  const refused =
    status !== undefined &&
    ((status >= 300 && status < 500 && !PASSING.has(status)) || status === 501);
  return unset || (refused && !PASSING_NAMES.has(causeOf(error))) ? unusable(error) : away(error);
}

function away(cause: unknown): Failure {
  return new Failure(
    'STORAGE_UNAVAILABLE',
    `The blob store in S3 does not answer as it should: ${causeOf(cause)}.`,
    'A run that waits goes on by itself when it is back; see that the server of BLOB_STORE (AWS_ENDPOINT_URL) is up and reached from here.',
    { cause },
  );
}

function unusable(cause: unknown): Failure {
  return new Failure(
    'SETUP_FAILED',
    `The bucket of BLOB_STORE can’t be used: ${causeOf(cause)}.`,
    'See that it exists, that AWS_REGION and credentials are set (AWS_ENDPOINT_URL, too, where it is not Amazon’s), and that they allow s3:PutObject, s3:GetObject, s3:DeleteObject, s3:ListBucket and s3:AbortMultipartUpload.',
    { cause },
  );
}
