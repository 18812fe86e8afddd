import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { Failure } from '../../../schemas/failure.ts';
import { createConcealment } from '../../../server/experiments/concealment.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Milliseconds until an answer that takes so long to be found. */
async function answeredAfter(
  concealing: boolean,
  milliseconds: number,
  error?: Failure,
  lacks?: () => boolean,
) {
  const wait = (time: number) => new Promise((resolve) => setTimeout(resolve, time));
  const conceal = createConcealment(concealing, wait);
  let answered: number | undefined;
  const startedAt = performance.now();
  void conceal(async () => {
    await wait(milliseconds);
    if (error) throw error;
  }, lacks)
    .catch(() => undefined)
    .then(() => (answered = performance.now() - startedAt));
  await vi.advanceTimersByTimeAsync(2000);
  return answered;
}

const missing = new Failure('RUN_NOT_FOUND', 'There is no run of that id.', 'Use another.');

it('answers at the same moment, whatever it took to find nothing', async () => {
  expect(await answeredAfter(true, 3, missing)).toBe(400);
  expect(await answeredAfter(true, 390, missing)).toBe(400);
  expect(await answeredAfter(true, 450, missing)).toBe(800);
  expect(await answeredAfter(true, 3, undefined, () => true)).toBe(400);
});

it('holds nothing else back', async () => {
  expect(await answeredAfter(true, 3)).toBe(3);
  const refused = new Failure('RUN_STILL_RUNNING', 'It runs.', 'Wait.');
  expect(await answeredAfter(true, 3, refused)).toBe(3);
  expect(await answeredAfter(false, 3, missing)).toBe(3);
});
