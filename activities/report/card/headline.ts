import { wilsonInterval } from '../baseline.ts';
import type { ReportData } from '../report-data.ts';
import { score } from '../text/formats.ts';
import { quoted } from '../text/shown-text.ts';

/** A metric beside what a model that knows nothing reaches. */
export interface HeadlineMetric {
  readonly name: string;
  readonly value: string;
  readonly baseline: string;
  readonly note: string;
}

/** The four figures to see first; those that the test set does not define are left out. */
export function headline({ input, rows, hits, baseline }: ReportData): readonly HeadlineMetric[] {
  const { metrics } = input;
  const [low, high] = wilsonInterval(hits, rows);
  const entries: (readonly [
    name: string,
    value: number | undefined,
    base: number,
    note: string,
  ])[] = [
    ['Accuracy', metrics['accuracy'], baseline.accuracy, `95 %: ${score(low)} to ${score(high)}`],
    ['F1, weighted', metrics['f1_weighted'], baseline.f1Weighted, 'higher is better'],
    ['ROC AUC', metrics['roc_auc'], 0.5, 'higher is better'],
    ['ROC AUC, one vs rest', metrics['roc_auc_ovr_weighted'], 0.5, 'higher is better'],
    ['Log loss', metrics['log_loss'], baseline.logLoss, 'lower is better'],
  ];
  return entries.flatMap(([name, value, base, note]) =>
    value === undefined ? [] : [{ name, value: score(value), baseline: score(base), note }],
  );
}

export type Verdict = 'better' | 'unclear' | 'worse';

/** Whether the model has learned anything: its accuracy's interval against the baseline. */
export function verdict({ rows, hits, names, baseline }: ReportData): {
  readonly verdict: Verdict;
  readonly sentence: string;
} {
  const [low, high] = wilsonInterval(hits, rows);
  const accuracy = score(hits / rows);
  const always = `always answering ${quoted(names[baseline.code]!)}`;
  const against = `(accuracy ${accuracy} against ${score(baseline.accuracy)})`;
  if (low > baseline.accuracy) {
    return { verdict: 'better', sentence: `Better than ${always} ${against}.` };
  }
  if (high < baseline.accuracy) {
    return { verdict: 'worse', sentence: `Worse than ${always} ${against}.` };
  }
  return {
    verdict: 'unclear',
    sentence: `Not distinguishable from ${always} ${against}: the test set is too small, or the features tell too little.`,
  };
}
