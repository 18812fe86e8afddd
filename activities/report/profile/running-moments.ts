/** Count, mean, standard deviation and range of one column. */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  /** Of a sample (n - 1), as pandas' `describe` gives it; NaN below two values. */
  readonly std: number;
  readonly min: number;
  readonly max: number;
  readonly zeros: number;
}

/**
 * Moments of several columns over blocks of rows (Welford 1962), value by value: the same bits
 * however the rows are cut into blocks. Holds five numbers a column.
 */
export class RunningMoments {
  private rows = 0;
  private readonly means: Float64Array;
  private readonly squares: Float64Array;
  private readonly lows: Float64Array;
  private readonly highs: Float64Array;
  private readonly zeros: Float64Array;

  constructor(columns: number) {
    this.means = new Float64Array(columns);
    this.squares = new Float64Array(columns);
    this.lows = new Float64Array(columns).fill(Infinity);
    this.highs = new Float64Array(columns).fill(-Infinity);
    this.zeros = new Float64Array(columns);
  }

  /** @param block [any number of rows x columns] row-major, finite */
  add(block: Float64Array): void {
    const { means, squares, lows, highs, zeros } = this;
    const columns = means.length;
    for (let from = 0; from < block.length; from += columns) {
      this.rows += 1;
      const weight = 1 / this.rows;
      for (let j = 0; j < columns; j++) {
        const value = block[from + j]!;
        const gap = value - means[j]!;
        const mean = means[j]! + gap * weight;
        means[j] = mean;
        squares[j]! += gap * (value - mean);
        if (value < lows[j]!) lows[j] = value;
        if (value > highs[j]!) highs[j] = value;
        if (value === 0) zeros[j]! += 1;
      }
    }
  }

  get count(): number {
    return this.rows;
  }

  moments(): readonly Moments[] {
    return Array.from(this.means, (mean, j) => ({
      count: this.rows,
      mean,
      std: this.rows < 2 ? NaN : Math.sqrt(this.squares[j]! / (this.rows - 1)),
      min: this.lows[j]!,
      max: this.highs[j]!,
      zeros: this.zeros[j]!,
    }));
  }
}
