import type { LossPoint } from '../report-input.ts';
import { CURVE_POINTS } from './ranking-curves.ts';
import { thinCurve } from './thin-curve.ts';

/** The loss by iteration, at most 300 points; thinned in the square that it spans. */
export function lossCurve(loss: readonly LossPoint[]): readonly LossPoint[] {
  const x = unit(loss.map(({ iteration }) => iteration));
  const y = unit(loss.map((point) => point.loss));
  return Array.from(thinCurve(x, y, CURVE_POINTS).kept, (at) => loss[at]!);
}

function unit(values: readonly number[]): Float64Array {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const span = high - low || 1;
  return Float64Array.from(values, (value) => (value - low) / span);
}
