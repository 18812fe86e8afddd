/** Distance of a point from the line through the points of a curve. */
export function distanceToCurve(
  { x, y }: { readonly x: ArrayLike<number>; readonly y: ArrayLike<number> },
  px: number,
  py: number,
): number {
  let nearest = Infinity;
  for (let i = 0; i + 1 < x.length; i++) {
    const dx = x[i + 1]! - x[i]!;
    const dy = y[i + 1]! - y[i]!;
    const length = dx * dx + dy * dy;
    const along = length === 0 ? 0 : ((px - x[i]!) * dx + (py - y[i]!) * dy) / length;
    const t = Math.min(1, Math.max(0, along));
    nearest = Math.min(nearest, Math.hypot(px - x[i]! - t * dx, py - y[i]! - t * dy));
  }
  return nearest;
}
