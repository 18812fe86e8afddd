import { cubicStep, greater, lesser } from './cubic-step.ts';
import type { Interval, Point } from './cubic-step.ts';

const SUFFICIENT_DECREASE = 1e-3;
const CURVATURE = 0.9;
const RELATIVE_WIDTH = 0.1;
const EXTRAPOLATE_MIN = 1.1;
const EXTRAPOLATE_MAX = 4;
const SHRINK = 0.66;

/** The longest step L-BFGS-B takes along an unbounded direction. */
export const MAX_STEP = 1e10;

/**
 * Moré and Thuente's line search (`dcsrch` of MINPACK-2) with L-BFGS-B's constants: looks for a
 * step with f(step) <= f(0) + 1e-3 step f'(0) and |f'(step)| <= 0.9 |f'(0)|.
 * @param start value and slope (negative) at step 0
 * @param firstStep positive, at most MAX_STEP
 */
export function createLineSearch(
  start: { readonly value: number; readonly slope: number },
  firstStep: number,
): {
  /**
   * Takes the value and slope at the current step. True: the step is accepted, or no better one
   * can be told apart. False: evaluate at the new `step()` and come again.
   */
  accept(value: number, slope: number): boolean;
  step(): number;
} {
  const target = SUFFICIENT_DECREASE * start.slope;
  const origin: Point = { step: 0, value: start.value, slope: start.slope };
  let interval: Interval = { best: origin, other: origin, bracketed: false };
  let step = firstStep;
  let min = 0;
  let max = firstStep + EXTRAPOLATE_MAX * firstStep;
  let width = MAX_STEP;
  let olderWidth = width / 0.5;
  let firstStage = true;

  function isDone(value: number, slope: number, bound: number): boolean {
    if (interval.bracketed && (step <= min || step >= max)) return true;
    if (interval.bracketed && max - min <= RELATIVE_WIDTH * max) return true;
    if (step === MAX_STEP && value <= bound && slope <= target) return true;
    if (step === 0 && (value > bound || slope >= target)) return true;
    return value <= bound && Math.abs(slope) <= CURVATURE * -start.slope;
  }

  // While the decrease is insufficient, the step is predicted from f(step) - step target.
  function advance(trial: Point, bound: number): void {
    const tilted = firstStage && trial.value <= interval.best.value && trial.value > bound;
    const tilt = tilted ? target : 0;
    const next = cubicStep(
      {
        best: lean(interval.best, -tilt),
        other: lean(interval.other, -tilt),
        bracketed: interval.bracketed,
      },
      lean(trial, -tilt),
      { min, max },
    );
    step = next.step;
    interval = {
      best: lean(next.interval.best, tilt),
      other: lean(next.interval.other, tilt),
      bracketed: next.interval.bracketed,
    };
  }

  function confine(): void {
    const { best, other, bracketed } = interval;
    if (bracketed) {
      if (Math.abs(other.step - best.step) >= SHRINK * olderWidth) {
        step = best.step + 0.5 * (other.step - best.step);
      }
      olderWidth = width;
      width = Math.abs(other.step - best.step);
      min = lesser(best.step, other.step);
      max = greater(best.step, other.step);
    } else {
      min = step + EXTRAPOLATE_MIN * (step - best.step);
      max = step + EXTRAPOLATE_MAX * (step - best.step);
    }
    step = lesser(greater(step, 0), MAX_STEP);
    if (bracketed && (step <= min || step >= max || max - min <= RELATIVE_WIDTH * max)) {
      step = best.step;
    }
  }

  return {
    step: () => step,
    accept(value, slope) {
      const bound = start.value + step * target;
      if (firstStage && value <= bound && slope >= 0) firstStage = false;
      if (isDone(value, slope, bound)) return true;
      advance({ step, value, slope }, bound);
      confine();
      return false;
    },
  };
}

function lean(point: Point, tilt: number): Point {
  if (tilt === 0) return point;
  const { step, value, slope } = point;
  return { step, value: value + step * tilt, slope: slope + tilt };
}
