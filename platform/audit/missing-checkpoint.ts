import { Failure } from '../../schemas/failure.ts';

/** The failure for a checkpoint, or a key, that is not in the store. */
export function missingCheckpoint(name: string, cause: unknown): Failure {
  return new Failure(
    'BLOB_MISSING',
    `There is no ${name} where AUDIT_CHECKPOINTS says.`,
    'See that the setting is the one that the service has; else somebody took it away.',
    { cause },
  );
}
