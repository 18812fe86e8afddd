import { stringify } from 'csv-stringify/sync';

import type { ReportData } from '../report-data.ts';
import { foldMatrix } from './folded-matrix.ts';

/** Classes with a row of their own in the matrix's file: 60 000 cells at most. */
const MATRIX_CLASSES = 250;

/**
 * The confusion matrix as a table: a row for each true class, a column for each predicted one.
 * Beyond 250 classes the smallest share one row and one column.
 */
export function confusionCsv({ input, confusion, classCount }: ReportData): string {
  const { codes, others, size, cells } = foldMatrix(confusion, classCount, MATRIX_CLASSES);
  const names = codes.map((code) => String(input.labels[code]));
  if (others > 0) names.push(`(${others} others)`);
  return stringify([
    ['actual \\ predicted', ...names],
    ...names.map((name, row) => [name, ...cells.subarray(row * size, (row + 1) * size)]),
  ]);
}

/** One row a class. The scores of a class that is neither true nor predicted are empty. */
export function perClassCsv(data: ReportData): string {
  const scores = new Map(data.perClass.map((score) => [score.code, score]));
  return stringify([
    ['class', 'rows', 'predicted', 'correct', 'precision', 'recall', 'f1'],
    ...data.input.labels.map((label, code) => {
      const { precision, recall, f1 } = scores.get(code) ?? {};
      return [
        String(label),
        data.actualRows[code],
        data.predictedRows[code],
        data.confusion[code * (data.classCount + 1)],
        ...[precision, recall, f1],
      ];
    }),
  ]);
}
