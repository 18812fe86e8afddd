import type { TrackedRun } from '../../platform/tracking/tracking-types.ts';
import { isQualityMetric } from '../../schemas/experiment.ts';
import { HEADLINE_METRICS, roundedMetric, type TextCutter } from './bounded-values.ts';

/** Characters before the first difference of long values. */
const CONTEXT = 10;

/** A param or a metric by its name, with the value of each run. */
type Row<Value> = readonly [name: string, values: (Value | null)[]];

/**
 * The params in which runs differ, by name, and how many are equal in all. Runs without any params
 * do not count: they are null everywhere.
 */
export function comparedParams(
  runs: readonly TrackedRun[],
  texts: TextCutter,
): { differing: Row<string>[]; equal: number } {
  const counting = runs.filter(({ params }) => Object.keys(params).length > 0);
  const names = [...new Set(counting.flatMap(({ params }) => Object.keys(params)))].sort();
  const differing = names.filter(
    (name) => new Set(counting.map(({ params }) => params[name])).size > 1,
  );
  return {
    differing: differing.map((name) => [
      name,
      cutAlike(
        runs.map(({ params }) => params[name]),
        texts,
      ),
    ]),
    equal: names.length - differing.length,
  };
}

/** Long values without what they all begin with, so that their difference is not what is cut. */
function cutAlike(values: readonly (string | undefined)[], texts: TextCutter): (string | null)[] {
  const known = values.filter((value) => value !== undefined);
  const characters = known.some(texts.isLong) ? known.map((value) => Array.from(value)) : [];
  const [first = []] = characters;
  let alike = 0;
  while (alike < first.length && characters.every((text) => text[alike] === first[alike])) alike++;
  const start = Math.max(0, alike - CONTEXT);
  return values.map((value) => (value === undefined ? null : texts.cut(value, { start })));
}

/** The metrics that models are judged by, the others beside the headlines by name. */
export function comparedMetrics(runs: readonly TrackedRun[]): {
  headlines: Row<number>[];
  others: Row<number>[];
} {
  const found = new Set(runs.flatMap(({ metrics }) => Object.keys(metrics)));
  const headlines = HEADLINE_METRICS.filter((name) => found.delete(name));
  const others = [...found].filter(isQualityMetric).sort();
  const row = (name: string): Row<number> => [
    name,
    runs.map(({ metrics }) => roundedMetric(metrics[name])),
  ];
  return { headlines: headlines.map(row), others: others.map(row) };
}

/** The run that is best by each headline metric that two or more have; null where several are. */
export function bestRuns(runs: readonly TrackedRun[]): Record<string, string | null> {
  const best: Record<string, string | null> = {};
  for (const name of HEADLINE_METRICS) {
    const known = runs.filter(({ metrics }) => Number.isFinite(metrics[name]));
    if (known.length < 2) continue;
    const values = known.map(({ metrics }) => metrics[name] as number);
    const top = name === 'log_loss' ? Math.min(...values) : Math.max(...values);
    const winners = known.filter(({ metrics }) => metrics[name] === top);
    best[name] = winners.length === 1 ? (winners[0] as TrackedRun).runId : null;
  }
  return best;
}
