import { isGrpcServiceError, ServiceError } from '@temporalio/client';

import { Failure } from '../../schemas/failure.ts';

/** gRPC: CANCELLED (by the deadline, before it was sent), DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNAVAILABLE. */
const AWAY = [1, 4, 8, 14];

function grpcCode(error: unknown): number | undefined {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? cause.code : undefined;
}

/** Runs calls to Temporal; when Temporal is away the caller is told so, and that nothing was lost. */
export async function asTemporalCalls<T>(calls: () => Promise<T>): Promise<T> {
  try {
    return await calls();
  } catch (error) {
    if (!AWAY.includes(grpcCode(error) ?? -1)) throw error;
    throw new Failure(
      'TEMPORAL_UNAVAILABLE',
      'Temporal does not answer.',
      'Try again in a moment, with the same idempotency_key if you gave one; runs already started are safe.',
      { cause: error },
    );
  }
}
