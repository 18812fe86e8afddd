import { expect } from 'vitest';

import type { ReferenceExperiment } from './problems.ts';

type Ours = Omit<ReferenceExperiment, 'labels' | 'labelType' | 'again'>;

/** The same split, path of training, predictions and metrics; numbers up to the last digits. */
export function expectSame(ours: Ours, theirs: ReferenceExperiment): void {
  for (const part of ['codes', 'train', 'test', 'predicted', 'iterations', 'converged'] as const) {
    expect(ours[part], part).toEqual(theirs[part]);
  }
  expectClose(ours.probabilities, theirs.probabilities);
  const names = Object.keys(theirs.metrics).toSorted();
  expect(Object.keys(ours.metrics).toSorted()).toEqual(names);
  expectClose(
    names.map((name) => ours.metrics[name]!),
    names.map((name) => theirs.metrics[name]!),
  );
}

function expectClose(ours: readonly number[], theirs: readonly number[]): void {
  expect(ours.length).toBe(theirs.length);
  const gaps = ours.map((value, i) => Math.abs(value - theirs[i]!));
  expect(Math.max(...gaps)).toBeLessThan(1e-9);
}
