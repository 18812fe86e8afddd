/** A point of the line search: step length, value and slope there. */
export interface Point {
  readonly step: number;
  readonly value: number;
  readonly slope: number;
}

/** The interval of uncertainty: its best end, its other end, and whether a minimum is inside. */
export interface Interval {
  readonly best: Point;
  readonly other: Point;
  readonly bracketed: boolean;
}

/** C's fmin and fmax, which prefer a number to NaN. */
export const lesser = (a: number, b: number): number => (a < b || Number.isNaN(b) ? a : b);
export const greater = (a: number, b: number): number => (a > b || Number.isNaN(b) ? a : b);

/**
 * Moré and Thuente's safeguarded cubic and secant step (1994, section 4; `dcstep` of MINPACK-2):
 * from an interval and a trial point the next interval and the next trial step.
 */
export function cubicStep(
  interval: Interval,
  trial: Point,
  limits: { readonly min: number; readonly max: number },
): { readonly interval: Interval; readonly step: number } {
  const { best, other } = interval;
  const sign = trial.slope * (best.slope / Math.abs(best.slope));
  if (trial.value > best.value) {
    const step = higherValue(best, trial);
    return { step, interval: { best, other: trial, bracketed: true } };
  }
  if (sign < 0) {
    const step = oppositeSlopes(best, trial);
    return { step, interval: { best: trial, other: best, bracketed: true } };
  }
  const step =
    Math.abs(trial.slope) < Math.abs(best.slope)
      ? flatterSlope(interval, trial, limits)
      : steeperSlope(interval, trial, limits);
  return { step, interval: { best: trial, other, bracketed: interval.bracketed } };
}

function higherValue(best: Point, trial: Point): number {
  const theta = cubicTheta(best, trial);
  const scale = cubicScale(theta, best, trial);
  let gamma = cubicGamma(theta, scale, best, trial);
  if (trial.step < best.step) gamma = -gamma;
  const p = gamma - best.slope + theta;
  const q = gamma - best.slope + gamma + trial.slope;
  const span = trial.step - best.step;
  const cubic = best.step + (p / q) * span;
  const mean = (best.value - trial.value) / span + best.slope;
  const quadratic = best.step + (best.slope / mean / 2) * span;
  return Math.abs(cubic - best.step) < Math.abs(quadratic - best.step)
    ? cubic
    : cubic + (quadratic - cubic) / 2;
}

function oppositeSlopes(best: Point, trial: Point): number {
  const theta = cubicTheta(best, trial);
  const scale = cubicScale(theta, best, trial);
  let gamma = cubicGamma(theta, scale, best, trial);
  if (trial.step > best.step) gamma = -gamma;
  const cubic = cubicFrom(trial, best, theta, gamma);
  const secant = secantStep(best, trial);
  return Math.abs(cubic - trial.step) > Math.abs(secant - trial.step) ? cubic : secant;
}

// The cubic may have no minimum beyond the trial step, or none at all: then its step is a limit.
function flatterSlope(
  { best, other, bracketed }: Interval,
  trial: Point,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  const theta = cubicTheta(best, trial);
  const scale = cubicScale(theta, best, trial);
  const inside = (theta / scale) ** 2 - (best.slope / scale) * (trial.slope / scale);
  let gamma = scale * Math.sqrt(greater(0, inside));
  if (trial.step > best.step) gamma = -gamma;
  const p = gamma - trial.slope + theta;
  const q = gamma + (best.slope - trial.slope) + gamma;
  const ratio = p / q;
  const limit = trial.step > best.step ? max : min;
  const cubic = ratio < 0 && gamma !== 0 ? trial.step + ratio * (best.step - trial.step) : limit;
  const secant = secantStep(best, trial);
  const cubicIsNearer = Math.abs(cubic - trial.step) < Math.abs(secant - trial.step);
  const cubicIsFarther = Math.abs(cubic - trial.step) > Math.abs(secant - trial.step);
  if (bracketed) {
    const bound = trial.step + 0.66 * (other.step - trial.step);
    const step = cubicIsNearer ? cubic : secant;
    return trial.step > best.step ? lesser(bound, step) : greater(bound, step);
  }
  return greater(min, lesser(max, cubicIsFarther ? cubic : secant));
}

function steeperSlope(
  { best, other, bracketed }: Interval,
  trial: Point,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  if (!bracketed) return trial.step > best.step ? max : min;
  const theta = cubicTheta(trial, other);
  const scale = cubicScale(theta, other, trial);
  let gamma = cubicGamma(theta, scale, other, trial);
  if (trial.step > other.step) gamma = -gamma;
  return cubicFrom(trial, other, theta, gamma);
}

function cubicTheta(from: Point, to: Point): number {
  return (3 * (from.value - to.value)) / (to.step - from.step) + from.slope + to.slope;
}

function cubicScale(theta: number, a: Point, b: Point): number {
  return greater(Math.abs(theta), greater(Math.abs(a.slope), Math.abs(b.slope)));
}

function cubicGamma(theta: number, scale: number, a: Point, b: Point): number {
  return scale * Math.sqrt((theta / scale) ** 2 - (a.slope / scale) * (b.slope / scale));
}

function cubicFrom(trial: Point, end: Point, theta: number, gamma: number): number {
  const p = gamma - trial.slope + theta;
  const q = gamma - trial.slope + gamma + end.slope;
  return trial.step + (p / q) * (end.step - trial.step);
}

function secantStep(best: Point, trial: Point): number {
  return trial.step + (trial.slope / (trial.slope - best.slope)) * (best.step - trial.step);
}
