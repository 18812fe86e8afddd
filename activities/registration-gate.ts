import type { Registration } from '../schemas/request.ts';

/** The version that is champion now. */
export interface Incumbent {
  readonly version: number;
  /** Null when nobody knows it. */
  readonly value: number | null;
}

export interface Verdict {
  readonly passed: boolean;
  readonly reason: string;
}

/** Whether a model may become champion, and why. */
export function passGate(
  { metric, minimum, beat_champion }: Registration,
  value: number,
  champion: Incumbent | null,
): Verdict {
  const own = `${metric} ${shown(value)}`;
  if (minimum !== undefined && !(value >= minimum)) {
    return { passed: false, reason: `${own} is below the minimum ${shown(minimum)}.` };
  }
  const enough = minimum === undefined ? own : `${own} reaches the minimum ${shown(minimum)}`;
  if (champion === null) return { passed: true, reason: `${enough}; there was no champion.` };
  const other = `the champion, version ${champion.version}`;
  if (!beat_champion) return { passed: true, reason: `${enough}; it need not beat ${other}.` };
  if (champion.value === null) {
    return { passed: false, reason: `${enough}, but ${other}, has no ${metric} to compare with.` };
  }
  const than = `${shown(champion.value)} of ${other}`;
  return value > champion.value
    ? { passed: true, reason: `${enough} and is greater than ${than}.` }
    : { passed: false, reason: `${enough}, but is not greater than ${than}.` };
}

const shown = (value: number): string => String(Number(value.toPrecision(6)));
