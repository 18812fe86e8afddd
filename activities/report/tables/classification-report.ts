import {
  macroAverage,
  weightedAverage,
  type ClassScores,
} from '../../../learning/metrics/class-scores.ts';
import type { ReportData } from '../report-data.ts';

const HEADERS = ['precision', 'recall', 'f1-score', 'support'];
const DIGITS = 2;
/** A name that would push the figures out of sight is cut. */
const LONGEST_NAME = 60;

type Scores = Pick<ClassScores, 'precision' | 'recall' | 'f1' | 'support'>;

function averages(perClass: readonly ClassScores[], rows: number) {
  const by = (average: typeof macroAverage): Scores => ({
    precision: average(perClass, 'precision'),
    recall: average(perClass, 'recall'),
    f1: average(perClass, 'f1'),
    support: rows,
  });
  return { macro: by(macroAverage), weighted: by(weightedAverage) };
}

/** The text of scikit-learn's `classification_report`, to the last blank. */
export function classificationReport({ perClass, names, hits, rows }: ReportData): string {
  const { macro, weighted } = averages(perClass, rows);
  const lines = perClass.map((scores): [string, Scores] => {
    const name = [...names[scores.code]!];
    return [
      name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1).join('')}…` : name.join(''),
      scores,
    ];
  });
  const width = Math.max('weighted avg'.length, ...lines.map(([name]) => [...name].length));
  const line = (name: string, cells: readonly string[]): string =>
    `${' '.repeat(width - [...name].length)}${name} ${cells.map((cell) => ` ${cell.padStart(9)}`).join('')}`;
  const row = (name: string, { precision, recall, f1, support }: Scores): string =>
    line(name, [...[precision, recall, f1].map(rounded), String(support)]);
  return [
    line('', HEADERS),
    '',
    ...lines.map(([name, scores]) => row(name, scores)),
    '',
    line('accuracy', ['', '', rounded(hits / rows), String(rows)]),
    row('macro avg', macro),
    row('weighted avg', weighted),
    '',
  ].join('\n');
}

/** What `classification_report(output_dict=True)` returns. */
export function classificationReportJson(data: ReportData): Record<string, unknown> {
  const { perClass, hits, rows, input } = data;
  const { macro, weighted } = averages(perClass, rows);
  const entry = ({ precision, recall, f1, support }: Scores) => ({
    ...{ precision, recall, 'f1-score': f1, support },
  });
  return Object.fromEntries<unknown>([
    ...perClass.map((scores) => [String(input.labels[scores.code]), entry(scores)] as const),
    ['accuracy', hits / rows],
    ['macro avg', entry(macro)],
    ['weighted avg', entry(weighted)],
  ]);
}

/** Two decimals as Python writes them: an exact half goes to the even neighbour. */
function rounded(value: number): string {
  const eighths = value * 8;
  if (!Number.isInteger(eighths) || eighths % 2 === 0) return value.toFixed(DIGITS);
  const below = Math.floor(value * 100);
  return ((below % 2 === 0 ? below : below + 1) / 100).toFixed(DIGITS);
}
