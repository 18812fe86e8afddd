import { isQualityMetric, type Metrics } from '../../schemas/experiment.ts';
import type { StepName } from '../../schemas/names.ts';
import { compareEnds } from './compare-ends.ts';
import type { RunRecord } from './run-record.ts';

/**
 * bit-identical: the same bits in every step. equal: another model or other predictions, but of the same data and
 * split, and metrics equal to 1e-9; or both failed alike. different: anything else.
 */
export type Verdict = 'bit-identical' | 'equal' | 'different';

/** One result of both runs; null where a run has none. */
export interface ComparedPart {
  readonly step: StepName;
  readonly what: string;
  readonly original: string | number | null;
  readonly rerun: string | number | null;
  readonly same: boolean;
}

export interface Comparison {
  readonly verdict: Verdict;
  /** The first step that differs. */
  readonly step: string | null;
  /** A sentence on why. */
  readonly reason: string;
  readonly hint: string | null;
  readonly parts: readonly ComparedPart[];
}

/** Relative difference up to which metrics count as equal. */
const TOLERANCE = 1e-9;

/** Holds a rerun against its original, both ended by themselves. */
export function compareRecords(original: RunRecord, rerun: RunRecord): Comparison {
  const parts = comparedParts(original, rerun);
  // What one of two runs never came to, another comparison tells: that of their ends.
  const both = parts.filter((part) => part.original !== null && part.rerun !== null);
  const earlier = both.find((part) => !part.same && isFixed(part));
  const ends = compareEnds(original, rerun);
  if (ends?.verdict === 'different') return { ...ends, parts };
  if (earlier) return { ...differing(earlier), parts };
  if (ends) return { ...ends, parts };
  return { ...compareResults(original, rerun, parts), parts };
}

/** Data and split follow from the request alone, without any arithmetic that could round otherwise. */
const isFixed = ({ step }: ComparedPart): boolean => step === 'load' || step === 'split';

function compareResults(
  original: RunRecord,
  rerun: RunRecord,
  parts: readonly ComparedPart[],
): Omit<Comparison, 'parts'> {
  const other = parts.find(({ same }) => !same);
  if (!other) {
    const count = Object.keys(original.evaluation?.metrics ?? {}).length;
    return {
      ...{ verdict: 'bit-identical', step: null, hint: null },
      reason: `Data, split, model, predictions and all ${count} metrics are the same to the bit.`,
    };
  }
  const [before = {}, after = {}] = [original.evaluation?.metrics, rerun.evaluation?.metrics];
  if (!closeTo(before, after)) return differing(other);
  const { step } = other;
  return {
    ...{ verdict: 'equal', step, hint: null },
    reason: `The bits differ from the ${step} step on, yet all metrics agree to ${TOLERANCE} of their value.`,
  };
}

function differing(part: ComparedPart): Omit<Comparison, 'parts'> {
  const { step, what, original, rerun } = part;
  return {
    ...{ verdict: 'different', step, hint: null },
    reason: `The ${step} step is the first to come to something else: its ${what} was ${shown(original)} and is ${shown(rerun)}.`,
  };
}

const shown = (value: string | number | null): string => (value === null ? 'missing' : `${value}`);

function closeTo(before: Metrics, after: Metrics): boolean {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.filter(isQualityMetric).every((name) => {
    const [was = NaN, is = NaN] = [before[name], after[name]];
    const allowed = TOLERANCE * Math.max(Math.abs(was), Math.abs(is));
    // Nothing is close to what is infinite or missing.
    return Object.is(was, is) || (allowed < Infinity && Math.abs(was - is) <= allowed);
  });
}

function comparedParts(original: RunRecord, rerun: RunRecord): ComparedPart[] {
  const part = (
    step: StepName,
    what: string,
    of: (record: RunRecord) => string | number | null | undefined,
  ): ComparedPart[] => {
    const [before, after] = [of(original) ?? null, of(rerun) ?? null];
    if (before === null && after === null) return [];
    return [{ step, what, original: before, rerun: after, same: Object.is(before, after) }];
  };
  const metrics = [original, rerun].flatMap(({ evaluation }) =>
    Object.keys(evaluation?.metrics ?? {}),
  );
  return [
    ...part('load', 'source SHA-256', ({ dataset }) => dataset?.sourceSha256),
    ...part('load', 'data SHA-256', ({ dataset }) => dataset?.blob.sha256),
    ...part('split', 'split SHA-256', ({ split }) => split?.blob.sha256),
    ...part('train', 'iterations', ({ model }) => model?.iterations),
    ...part('train', 'model SHA-256', ({ model }) => model?.blob.sha256),
    ...part('evaluate', 'predictions SHA-256', ({ evaluation }) => evaluation?.predictions.sha256),
    ...[...new Set(metrics)].flatMap((name) =>
      part('evaluate', name, ({ evaluation }) => evaluation?.metrics[name]),
    ),
  ];
}
