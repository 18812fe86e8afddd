import { Failure } from '../schemas/failure.ts';
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

/** Whether a model may become champion, and why; `itself` when it is champion already. */
export function passGate(
  { metric, minimum, beat_champion }: Registration,
  value: number,
  champion: Incumbent | 'itself' | null,
): Verdict {
  const own = `${metric} ${shown(value)}`;
  if (minimum !== undefined && !(value >= minimum)) {
    return { passed: false, reason: `${own} is below the minimum ${shown(minimum)}.` };
  }
  const enough = minimum === undefined ? own : `${own} reaches the minimum ${shown(minimum)}`;
  if (champion === null) return { passed: true, reason: `${enough}; there was no champion.` };
  if (champion === 'itself') return { passed: true, reason: `${enough}; it is the champion.` };
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

const OF_TWO_CLASSES = ['roc_auc', 'pr_auc'];
const OF_MORE_CLASSES = ['roc_auc_ovr_weighted', 'pr_auc_ovr_weighted'];

/**
 * Refuses a gate on a metric that the run can't have, as soon as the number of classes is known.
 * @throws Failure UNKNOWN_METRIC
 */
export function checkGateMetric(metric: string | undefined, classCount: number): void {
  const missing = classCount === 2 ? OF_MORE_CLASSES : OF_TWO_CLASSES;
  if (metric === undefined || !missing.includes(metric)) return;
  const instead = (classCount === 2 ? OF_TWO_CLASSES : OF_MORE_CLASSES).join(' or ');
  throw new Failure(
    'UNKNOWN_METRIC',
    `The gate asks for ${metric}, which a run with ${classCount} classes does not have.`,
    `Ask for ${instead}, or for a metric that does not depend on the number of classes.`,
  );
}
