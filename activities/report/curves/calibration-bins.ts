export interface CalibrationBin {
  readonly lower: number;
  readonly upper: number;
  readonly rows: number;
  /** Mean of the predicted probabilities in the bin. */
  readonly meanPredicted: number;
  /** Share of the bin's rows that are of the class. */
  readonly observed: number;
}

export interface Calibration {
  /** The bins that hold rows, by rising probability. */
  readonly bins: readonly CalibrationBin[];
  /** Mean gap between the two columns over the rows (Naeini et al. 2015). */
  readonly expectedError: number;
}

const BINS = 10;

/**
 * How often a class is true among rows of about the same predicted probability: the points of
 * scikit-learn's `calibration_curve(n_bins=10, strategy='uniform')`, whose bins include their
 * upper border.
 * @param scores [rows] predicted probability of the class
 */
export function calibrationBins(
  scores: Float64Array,
  isPositive: (row: number) => boolean,
): Calibration {
  const rows = new Float64Array(BINS);
  const sums = new Float64Array(BINS);
  const positives = new Float64Array(BINS);
  scores.forEach((score, row) => {
    const bin = binOf(score);
    rows[bin]! += 1;
    sums[bin]! += score;
    if (isPositive(row)) positives[bin]! += 1;
  });
  const bins: CalibrationBin[] = [];
  let gaps = 0;
  for (let bin = 0; bin < BINS; bin++) {
    const inside = rows[bin]!;
    if (inside === 0) continue;
    const meanPredicted = sums[bin]! / inside;
    const observed = positives[bin]! / inside;
    const lower = bin / BINS;
    bins.push({ lower, upper: (bin + 1) / BINS, rows: inside, meanPredicted, observed });
    gaps += inside * Math.abs(observed - meanPredicted);
  }
  return { bins, expectedError: gaps / scores.length };
}

/** The first border that is not below the score; the borders as numpy.linspace computes them. */
function binOf(score: number): number {
  let bin = Math.min(Math.max(Math.ceil(score * BINS) - 1, 0), BINS - 1);
  while (bin > 0 && score <= bin * (1 / BINS)) bin -= 1;
  while (bin < BINS - 1 && score > (bin + 1) * (1 / BINS)) bin += 1;
  return bin;
}
