import { setTimeout as pause } from 'node:timers/promises';

import { Failure } from '../../schemas/failure.ts';

/** Longer than it takes to look an id up: what is not found is answered at a multiple of it. */
const STEP_MILLISECONDS = 400;

/**
 * Keeps the time of an answer from telling why there is nothing: another tenant's run is found before
 * it is withheld, an unknown one is not. Answers that say something take the time they take.
 */
export function createConcealment(
  concealing: boolean,
): <T>(answer: () => Promise<T>) => Promise<T> {
  if (!concealing) return (answer) => answer();
  return async (answer) => {
    const startedAt = performance.now();
    try {
      return await answer();
    } catch (error) {
      if (error instanceof Failure && error.code.endsWith('_NOT_FOUND')) {
        await pause(STEP_MILLISECONDS - ((performance.now() - startedAt) % STEP_MILLISECONDS));
      }
      throw error;
    }
  };
}
