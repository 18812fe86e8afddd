import { ringRow } from './memory.ts';
import { choleskyInPlace, solveTransposed, solveUpper } from './small-matrix.ts';
import type { Block } from './small-matrix.ts';
import { MEMORY } from './state.ts';
import type { LbfgsState, Memory } from './state.ts';
import { dot } from './vector.ts';

/**
 * Writes the minimiser of the quadratic model, x - B^-1 gradient, to `target`: L-BFGS-B's
 * subspace minimisation (Byrd, Lu, Nocedal and Zhu 1995, section 5.1) where no variable is bound.
 * The direct method is followed, not the two-loop recursion, so that badly scaled data break the
 * factorisation, and restart the memory, where scipy's do.
 * @returns false when the factorisation failed and the memory has to be dropped
 */
export function modelMinimiser(state: LbfgsState, target: Float64Array): boolean {
  const { x, gradient, memory } = state;
  const { size, theta } = memory;
  if (size === 0) {
    // 1, or NaN where the square overflows: L-BFGS-B's Cauchy point is NaN then, the line search
    // fails and says so, where a tiny step would pass for convergence.
    const square = dot(gradient, gradient);
    const scale = square / square;
    for (let i = 0; i < x.length; i++) target[i] = x[i]! - scale * gradient[i]!;
    return true;
  }
  const factor = factorise(memory);
  if (factor === undefined) return false;

  for (let i = 0; i < x.length; i++) target[i] = -gradient[i]!;
  const weights = new Float64Array(2 * size);
  for (let age = 0; age < size; age++) {
    const offset = ringRow(memory, age) * x.length;
    weights[age] = dot(memory.changes, target, offset);
    weights[size + age] = theta * dot(memory.steps, target, offset);
  }
  solveTransposed(factor, weights, 2 * size);
  for (let age = 0; age < size; age++) weights[age] = -weights[age]!;
  solveUpper(factor, weights, 2 * size);

  for (let age = 0; age < size; age++) {
    const offset = ringRow(memory, age) * x.length;
    const ofChange = weights[age]! / theta;
    const ofStep = weights[size + age]!;
    const { changes, steps } = memory;
    for (let i = 0; i < x.length; i++) {
      const change = changes[offset + i]! * ofChange;
      target[i] = target[i]! + change + steps[offset + i]! * ofStep;
    }
  }
  const inverse = 1 / theta;
  for (let i = 0; i < x.length; i++) {
    target[i] = x[i]! + target[i]! * inverse;
  }
  return true;
}

/**
 * The L E L' factor of K = [-(D + Y'Y / theta)  R; R'  0], R the upper triangle of S'Y: the
 * matrix `wn` of L-BFGS-B's `formk`. Undefined when a Cholesky factorisation fails.
 */
function factorise({
  size,
  theta,
  stepChange,
  curvature,
  changeChange,
}: Memory): Block | undefined {
  const stride = 2 * MEMORY;
  const values = new Float64Array(stride * stride);
  const factor = { values, stride };
  for (let i = 0; i < size; i++) {
    for (let j = i; j < size; j++) {
      values[i * stride + j] = changeChange[i * MEMORY + j]! / theta;
    }
    const diagonal = i * stride + i;
    values[diagonal] = values[diagonal]! + curvature[i]!;
  }
  if (!choleskyInPlace(factor, 0, size)) return undefined;

  const columns: Float64Array[] = [];
  for (let i = 0; i < size; i++) {
    const column = new Float64Array(size);
    for (let j = i; j < size; j++) column[j] = stepChange[i * MEMORY + j]!;
    solveTransposed(factor, column, size);
    for (let j = 0; j < size; j++) values[j * stride + size + i] = column[j]!;
    columns.push(column);
  }
  columns.forEach((left, i) => {
    for (let j = i; j < size; j++) {
      values[(size + i) * stride + size + j] = dot(left, columns[j] as Float64Array);
    }
  });
  return choleskyInPlace(factor, size, 2 * size) ? factor : undefined;
}
