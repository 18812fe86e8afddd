import { modelMinimiser } from './direction.ts';
import { createLineSearch, MAX_STEP } from './line-search.ts';
import { remember } from './memory.ts';
import { emptyMemory, forget } from './state.ts';
import type { LbfgsState, LbfgsStatus } from './state.ts';
import { dot, largestMagnitude, norm } from './vector.ts';

/** A differentiable function of `size` parameters. */
export interface Objective {
  readonly size: number;
  /** Writes the gradient at x and returns the value there. */
  evaluate(x: Float64Array, gradient: Float64Array): number;
}

export interface StoppingRule {
  /** Stop when max |gradient[i]| is at most this: scipy's `gtol`. */
  readonly gradientTolerance: number;
  /** Stop when the decrease over max(|f|, |previous f|, 1) is at most this: scipy's `ftol`. */
  readonly progressTolerance: number;
  readonly maxIterations: number;
  /** Evaluations in one line search: scipy's `maxls`. */
  readonly maxLineSearch: number;
  /** Looked at after each iteration: scipy's `maxfun`. */
  readonly maxEvaluations: number;
}

/** Evaluates at x0 and decides whether there is anything to do. x0 is copied. */
export function startMinimisation(
  objective: Objective,
  x0: Float64Array,
  rule: StoppingRule,
): LbfgsState {
  const gradient = new Float64Array(x0.length);
  const x = x0.slice();
  const loss = objective.evaluate(x, gradient);
  const gradientNorm = largestMagnitude(gradient);
  const done = gradientNorm <= rule.gradientTolerance;
  return {
    status: done ? 'gradient-small' : 'running',
    iteration: 0,
    evaluations: 1,
    loss,
    gradientNorm,
    x,
    gradient,
    memory: emptyMemory(x0.length),
  };
}

/**
 * One iteration of L-BFGS-B without bounds, as scipy's `minimize(method='L-BFGS-B')` takes it:
 * direction, line search, stopping tests in scipy's order, update of the memory. Changes `state`
 * in place; state.status says whether another iteration follows.
 */
export function iterate(objective: Objective, state: LbfgsState, rule: StoppingRule): void {
  for (;;) {
    const search = searchFrom(objective, state, rule.maxLineSearch);
    if (search !== undefined) {
      state.status = finishIteration(state, search, rule);
      return;
    }
    // Without memory the direction was the steepest descent: nothing is left to try.
    if (state.memory.size === 0) {
      state.status = 'line-search-failed';
      return;
    }
    forget(state.memory);
  }
}

/** What an accepted step leaves for the stopping tests and the memory. */
interface AcceptedStep {
  readonly direction: Float64Array;
  readonly step: number;
  readonly length: number;
  readonly slope: number;
  readonly previousSlope: number;
  readonly previousLoss: number;
  readonly previousGradient: Float64Array;
}

/** Moves state.x to an accepted step, or leaves it as it was and returns undefined. */
function searchFrom(
  objective: Objective,
  state: LbfgsState,
  maxLineSearch: number,
): AcceptedStep | undefined {
  const { x, gradient } = state;
  const goal = new Float64Array(x.length);
  if (!modelMinimiser(state, goal)) {
    forget(state.memory);
    modelMinimiser(state, goal);
  }
  const direction = goal.map((value, i) => value - x[i]!);
  const previousX = x.slice();
  const previousGradient = gradient.slice();
  const previousLoss = state.loss;
  const length = norm(direction);
  const previousSlope = dot(gradient, direction);
  if (previousSlope >= 0) return undefined;

  const firstStep = state.iteration === 0 ? Math.min(1 / length, MAX_STEP) : 1;
  const search = createLineSearch({ value: previousLoss, slope: previousSlope }, firstStep);
  for (let trial = 0; trial < maxLineSearch; trial++) {
    const step = search.step();
    if (step === 1) x.set(goal);
    else for (let i = 0; i < x.length; i++) x[i] = step * direction[i]! + previousX[i]!;
    state.loss = objective.evaluate(x, gradient);
    state.evaluations += 1;
    const slope = dot(gradient, direction);
    if (search.accept(state.loss, slope)) {
      return { direction, step, length, slope, previousSlope, previousLoss, previousGradient };
    }
  }
  x.set(previousX);
  gradient.set(previousGradient);
  state.loss = previousLoss;
  return undefined;
}

function finishIteration(
  state: LbfgsState,
  accepted: AcceptedStep,
  rule: StoppingRule,
): LbfgsStatus {
  const { previousLoss } = accepted;
  state.iteration += 1;
  state.gradientNorm = largestMagnitude(state.gradient);
  // scipy looks at its limits before L-BFGS-B tests the new point.
  if (state.iteration >= rule.maxIterations) return 'iteration-limit';
  if (state.evaluations > rule.maxEvaluations) return 'evaluation-limit';
  if (state.gradientNorm <= rule.gradientTolerance) return 'gradient-small';
  const scale = Math.max(Math.abs(previousLoss), Math.abs(state.loss), 1);
  if (previousLoss - state.loss <= rule.progressTolerance * scale) return 'progress-small';
  updateMemory(state, accepted);
  return 'running';
}

function updateMemory(state: LbfgsState, accepted: AcceptedStep): void {
  const { direction, step, length, slope, previousSlope, previousGradient } = accepted;
  const change = previousGradient;
  for (let i = 0; i < change.length; i++) change[i] = state.gradient[i]! - change[i]!;
  const curvature = (slope - previousSlope) * step;
  if (curvature <= Number.EPSILON * -previousSlope * step) return;
  const taken = direction;
  if (step !== 1) for (let i = 0; i < taken.length; i++) taken[i] = taken[i]! * step;
  remember(state.memory, {
    step: taken,
    change,
    curvature,
    stepStep: step * step * (length * length),
    changeChange: norm(change) ** 2,
  });
}
