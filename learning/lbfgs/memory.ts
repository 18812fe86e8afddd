import { choleskyInPlace } from './small-matrix.ts';
import { forget, MEMORY } from './state.ts';
import type { Memory } from './state.ts';
import { dot } from './vector.ts';

/**
 * Adds the newest pair, dropping the oldest of a full memory; forgets everything when the compact
 * matrix theta S'S + L D^-1 L' loses positive definiteness (L-BFGS-B's `matupd` and `formt`).
 * @param pair.curvature step . change, from the directional derivatives, as L-BFGS-B has it
 * @param pair.stepStep step . step
 * @param pair.changeChange change . change
 */
export function remember(
  memory: Memory,
  pair: {
    readonly step: Float64Array;
    readonly change: Float64Array;
    readonly curvature: number;
    readonly stepStep: number;
    readonly changeChange: number;
  },
): void {
  const { step, change } = pair;
  const length = step.length;
  if (memory.size === MEMORY) {
    memory.head = (memory.head + 1) % MEMORY;
    for (const products of [memory.stepChange, memory.stepStep, memory.changeChange]) {
      dropOldest(products);
    }
    memory.curvature.copyWithin(0, 1);
  } else {
    memory.size += 1;
  }
  const newest = memory.size - 1;
  const row = ringRow(memory, newest);
  memory.steps.set(step, row * length);
  memory.changes.set(change, row * length);
  memory.theta = pair.changeChange / pair.curvature;

  for (let age = 0; age <= newest; age++) {
    const offset = ringRow(memory, age) * length;
    memory.stepChange[newest * MEMORY + age] = dot(memory.changes, step, offset);
    memory.stepChange[age * MEMORY + newest] = dot(memory.steps, change, offset);
    memory.stepStep[age * MEMORY + newest] = dot(memory.steps, step, offset);
    memory.changeChange[age * MEMORY + newest] = dot(memory.changes, change, offset);
  }
  memory.stepStep[newest * MEMORY + newest] = pair.stepStep;
  memory.curvature[newest] = pair.curvature;
  if (!isDefinite(memory)) forget(memory);
}

/** Row in the ring of the pair of this age; age 0 is the oldest. */
export function ringRow(memory: Memory, age: number): number {
  return (memory.head + age) % MEMORY;
}

function dropOldest(products: Float64Array): void {
  for (let i = 1; i < MEMORY; i++) {
    products.copyWithin((i - 1) * MEMORY, i * MEMORY + 1, (i + 1) * MEMORY);
  }
}

function isDefinite({ size, theta, stepChange, curvature, stepStep }: Memory): boolean {
  const values = new Float64Array(MEMORY * MEMORY);
  for (let i = 0; i < size; i++) {
    for (let j = i; j < size; j++) {
      let sum = 0;
      for (let k = 0; k < i; k++) {
        const product = stepChange[i * MEMORY + k]! * stepChange[j * MEMORY + k]!;
        sum += product / curvature[k]!;
      }
      values[i * MEMORY + j] = sum + theta * stepStep[i * MEMORY + j]!;
    }
  }
  return choleskyInPlace({ values, stride: MEMORY }, 0, size);
}
