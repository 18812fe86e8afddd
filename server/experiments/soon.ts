import type { Client } from '@temporalio/client';

const PATIENCE_MILLISECONDS = 10_000;

/** Runs calls that Temporal answers at once, when it is there. */
export function soon<T>(client: Client, calls: () => Promise<T>): Promise<T> {
  return client.withDeadline(Date.now() + PATIENCE_MILLISECONDS, calls);
}
