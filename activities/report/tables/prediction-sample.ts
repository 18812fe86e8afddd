import { stringify } from 'csv-stringify/sync';

import type { ReportData } from '../report-data.ts';
import type { ReportInput } from '../report-input.ts';

const SAMPLE = 20;

/** Test rows (positions in the test set) predicted wrong with the highest probability, the surest first. */
export function surestMistakes(input: ReportInput, limit = SAMPLE): readonly number[] {
  const { actual, predicted, probabilities, labels } = input;
  const best: { row: number; probability: number }[] = [];
  predicted.forEach((code, row) => {
    if (code === actual[row]) return;
    const probability = probabilities[row * labels.length + code]!;
    if (best.length === limit && probability <= best.at(-1)!.probability) return;
    let at = best.length;
    while (at > 0 && best[at - 1]!.probability < probability) at -= 1;
    best.splice(at, 0, { row, probability });
    if (best.length > limit) best.pop();
  });
  return best.map(({ row }) => row);
}

/**
 * Forty predictions to look at: the first twenty of the test set, then the twenty surest mistakes,
 * where wrong labels hide. `row` counts the dataset's rows from 0.
 */
export function predictionSample({ input, classCount, rows }: ReportData): string {
  const { actual, predicted, probabilities, labels, testRows } = input;
  const line = (sample: string) => (row: number) => {
    const truth = actual[row]!;
    const guess = predicted[row]!;
    return [
      ...[sample, testRows[row], String(labels[truth]), String(labels[guess])],
      probabilities[row * classCount + guess],
      probabilities[row * classCount + truth],
      String(truth === guess),
    ];
  };
  const first = Array.from({ length: Math.min(SAMPLE, rows) }, (_, row) => row);
  return stringify([
    ['sample', 'row', 'y_true', 'y_pred', 'probability', 'probability_of_true', 'correct'],
    ...first.map(line('first')),
    ...surestMistakes(input).map(line('surest_mistake')),
  ]);
}
