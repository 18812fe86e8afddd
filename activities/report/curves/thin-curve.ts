/** Which points of a curve are kept, and how far (in units of the axes) the rest may lie off it. */
export interface ThinCurve {
  readonly kept: Int32Array;
  readonly tolerance: number;
}

const FINEST = 1 / 4096;

/**
 * Chooses at most `limit` points of a curve within the unit square such that the line through
 * them passes every other point within twice `tolerance`. Corners stay where they are: a point is
 * left out only where the line is straight to within the tolerance. A curve of at most `limit`
 * points is kept whole.
 *
 * One pass: from the last kept point, each further point narrows a cone of directions that meet
 * it within the tolerance; the first point outside the cone makes its predecessor a kept one
 * (the sector-bound algorithm of Imai and Iri's family of polyline approximations). The tolerance
 * starts at 1/4096 of an axis and doubles until few enough points are left.
 */
export function thinCurve(x: Float64Array, y: Float64Array, limit: number): ThinCurve {
  if (x.length <= limit) return { kept: Int32Array.from(x.keys()), tolerance: 0 };
  for (let tolerance = FINEST; ; tolerance *= 2) {
    const kept = withinTolerance(x, y, tolerance, limit);
    if (kept) return { kept, tolerance };
  }
}

/** Undefined when more than `limit` points would be left. */
function withinTolerance(
  x: Float64Array,
  y: Float64Array,
  tolerance: number,
  limit: number,
): Int32Array | undefined {
  const last = x.length - 1;
  const kept = [0];
  let anchorX = x[0]!;
  let anchorY = y[0]!;
  /** The two sides of the cone, as directions; open as long as every point was near the anchor. */
  let open = true;
  let rightX = 0;
  let rightY = 0;
  let leftX = 0;
  let leftY = 0;
  let farthest = 0;
  for (let i = 1; i <= last; i++) {
    let dx = x[i]! - anchorX;
    let dy = y[i]! - anchorY;
    let distance = Math.sqrt(dx * dx + dy * dy);
    const inside = open || (rightX * dy >= rightY * dx && dx * leftY >= dy * leftX);
    if (!inside || distance < farthest - tolerance) {
      kept.push(i - 1);
      if (kept.length >= limit) return undefined;
      anchorX = x[i - 1]!;
      anchorY = y[i - 1]!;
      open = true;
      farthest = 0;
      dx = x[i]! - anchorX;
      dy = y[i]! - anchorY;
      distance = Math.sqrt(dx * dx + dy * dy);
    }
    farthest = Math.max(farthest, distance);
    if (distance <= tolerance) continue;
    const sin = tolerance / distance;
    const cos = Math.sqrt(1 - sin * sin);
    const nextRightX = dx * cos + dy * sin;
    const nextRightY = dy * cos - dx * sin;
    const nextLeftX = dx * cos - dy * sin;
    const nextLeftY = dy * cos + dx * sin;
    if (open || rightX * nextRightY > rightY * nextRightX) {
      rightX = nextRightX;
      rightY = nextRightY;
    }
    if (open || nextLeftX * leftY > nextLeftY * leftX) {
      leftX = nextLeftX;
      leftY = nextLeftY;
    }
    open = false;
  }
  kept.push(last);
  return Int32Array.from(kept);
}
