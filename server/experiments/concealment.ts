import { setTimeout as pause } from 'node:timers/promises';

import { Failure } from '../../schemas/failure.ts';

/** Longer than it takes to look an id up: what is not found is answered at a multiple of it. */
const STEP_MILLISECONDS = 400;

/** @param lacks whether an answer says that something was not found */
type Conceal = <T>(answer: () => Promise<T>, lacks?: (answer: T) => boolean) => Promise<T>;

/**
 * Keeps the time of an answer from telling why there is nothing: another tenant's run is found before
 * it is withheld, an unknown one is not. Answers that lack nothing take the time they take.
 */
export function createConcealment(
  concealing: boolean,
  wait: (milliseconds: number) => Promise<unknown> = pause,
): Conceal {
  if (!concealing) return (answer) => answer();
  return async (answer, lacks = () => false) => {
    const startedAt = performance.now();
    const untilStep = () =>
      wait(STEP_MILLISECONDS - ((performance.now() - startedAt) % STEP_MILLISECONDS));
    try {
      const given = await answer();
      if (lacks(given)) await untilStep();
      return given;
    } catch (error) {
      if (error instanceof Failure && error.code.endsWith('_NOT_FOUND')) await untilStep();
      throw error;
    }
  };
}
