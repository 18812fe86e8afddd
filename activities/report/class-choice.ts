/** Classes with at least one row, the largest first (of equals the first), at most `limit`. */
export function largestClasses(classRows: ArrayLike<number>, limit: number): number[] {
  return Array.from(classRows, (rows, code) => ({ rows, code }))
    .filter(({ rows }) => rows > 0)
    .sort((a, b) => b.rows - a.rows || a.code - b.code)
    .slice(0, limit)
    .map(({ code }) => code);
}

/** Curves in one picture: as many as there are colours to tell apart. */
const DRAWN_CURVES = 8;

/**
 * The classes whose curves are drawn: of two the second, as scikit-learn does; else each against
 * the rest, in the labels' order, or the largest ones when there are more than eight.
 */
export function curveClasses(classRows: ArrayLike<number>): number[] {
  if (classRows.length === 2) return classRows[1]! > 0 ? [1] : [];
  const chosen = largestClasses(classRows, DRAWN_CURVES);
  return classRows.length <= DRAWN_CURVES ? chosen.sort((a, b) => a - b) : chosen;
}
