import { dot } from '../lbfgs/vector.ts';

/**
 * Adds the gradient of strength / 2 times the squared norm of the first `count` parameters, the
 * coefficients (intercepts go free), and returns that penalty.
 */
export function addPenalty(
  parameters: Float64Array,
  gradient: Float64Array,
  count: number,
  strength: number,
): number {
  for (let i = 0; i < count; i++) gradient[i]! += strength * parameters[i]!;
  const coefficients = parameters.subarray(0, count);
  return 0.5 * strength * dot(coefficients, coefficients);
}
