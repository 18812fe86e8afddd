const COUNT = new Intl.NumberFormat('en-US');

/** 2,000,000 */
export function count(value: number): string {
  return COUNT.format(value);
}

/** "1 row", "20 rows" */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`;
}

/** A count in the room of four characters: 950, 12k, 3.4M; whole below `exactBelow`. */
export function shortCount(value: number, exactBelow = 10_000): string {
  if (value < exactBelow) return String(value);
  const [size, unit] = value < 1e6 ? [value / 1e3, 'k'] : [value / 1e6, 'M'];
  return `${size < 10 ? size.toFixed(1) : Math.round(size)}${unit}`;
}

/** A share as a percentage: 92 %, 0.4 %. Only exactly none or all become 0 % and 100 %. */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.1) return '< 0.1 %';
  if (value < 100 && value > 99.9) return '> 99.9 %';
  const digits = value === 0 || value === 100 || (value >= 10 && value <= 99) ? 0 : 1;
  return `${value.toFixed(digits)} %`;
}

/** A number to read, of about four significant digits: 0.925, 12.5, 3,812, 1.2e-7. */
export function readable(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return 'not finite';
  if (value === 0) return '0';
  if (size < 1e-3 || size >= 1e7) return value.toExponential(2).replace('e+', 'e');
  if (size >= 1000) return count(Math.round(value));
  return String(Number(value.toFixed(size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4)));
}

/** Writes figures that stand under one another: as many decimals as the largest of them needs. */
export function aligned(values: readonly number[]): (value: number) => string {
  const largest = Math.max(...values.map(Math.abs));
  if (largest >= 1e5 || largest < 0.1) return readable;
  const digits = largest >= 100 ? 0 : largest >= 10 ? 1 : largest >= 1 ? 2 : 3;
  return (value) => value.toFixed(digits).replace(/^-(?=0\.?0*$)/, '');
}

/** A score between 0 and 1, or another metric, to three decimals. */
export function score(value: number): string {
  if (!Number.isFinite(value)) return 'not finite';
  return Math.abs(value) >= 1e5 ? value.toExponential(2) : value.toFixed(3);
}

/** 340 ms, 1.2 s, 3 min 5 s, 2 h 10 min */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
