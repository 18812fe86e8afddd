import type { ClassCurves } from '../curves/class-curves.ts';
import type { RankingCurve } from '../curves/ranking-curves.ts';
import type { ReportData } from '../report-data.ts';
import { counted, percent, score } from '../text/formats.ts';
import { quoted } from '../text/shown-text.ts';
import { calibrationSvg } from './calibration-chart.ts';
import { curveSvg, type DrawnCurve } from './curve-chart.ts';
import { noticeSvg } from './notice-chart.ts';
import { CLASS_TONES } from './palette.ts';

const ONE_CLASS = ['It is not defined: the test set', 'holds rows of one class only.'];

/** How the drawn classes are chosen, in words; a metric of all classes where there is one. */
function scope({ classCount, curves, names, rows }: ReportData, single: string, all = ''): string {
  const [first] = curves;
  if (classCount === 2 && first) {
    return `${single} for ${quoted(names[first.code]!)} on ${counted(rows, 'test row')}`;
  }
  const shown =
    curves.length < classCount
      ? `${curves.length} largest of ${classCount} classes`
      : `${curves.length} classes`;
  return `${shown}, one against the rest${all}`;
}

function drawn(
  data: ReportData,
  { code }: ClassCurves,
  at: number,
  value: number,
): Omit<DrawnCurve, 'points' | 'steps'> {
  return {
    name: data.names[code]!,
    value: score(value),
    tone: CLASS_TONES[at % CLASS_TONES.length]!,
  };
}

/** By rising x. */
function points({ x, y }: RankingCurve): [number, number][] {
  const rising = Array.from(x, (value, i): [number, number] => [value, y[i]!]);
  return x[0]! > x.at(-1)! ? rising.reverse() : rising;
}

function meanOf({ input }: ReportData, metric: string): string {
  const value = input.metrics[`${metric}_ovr_weighted`];
  return value === undefined ? '' : `; mean ${score(value)}`;
}

/** False by true positive rate of the drawn classes. */
export function rocSvg(data: ReportData): string {
  const title = 'ROC curve';
  const curves = data.curves.flatMap((curve, at): DrawnCurve[] =>
    curve.roc
      ? [
          {
            ...drawn(data, curve, at, curve.roc.area),
            points: points(curve.roc.curve),
            steps: false,
          },
        ]
      : [],
  );
  if (curves.length === 0) return noticeSvg('roc', title, ONE_CLASS);
  return curveSvg({
    ...{ name: 'roc', title, curves },
    message: scope(data, `Area ${curves[0]!.value}`, meanOf(data, 'roc_auc')),
    axes: ['False positive rate', 'True positive rate'],
    chance: [
      [0, 0],
      [1, 1],
    ],
  });
}

/** Recall by precision of the drawn classes. */
export function precisionRecallSvg(data: ReportData): string {
  const title = 'Precision and recall';
  if (data.curves.length === 0) return noticeSvg('pr', title, ONE_CLASS);
  const curves = data.curves.map((curve, at): DrawnCurve => {
    const { curve: line, averagePrecision } = curve.precisionRecall;
    return {
      ...drawn(data, curve, at, averagePrecision),
      ...{ points: points(line), steps: line.tolerance === 0 },
    };
  });
  const share = data.curves[0]!.positives / data.rows;
  return curveSvg({
    ...{ name: 'pr', title, curves },
    message: scope(data, `Average precision ${curves[0]!.value}`, meanOf(data, 'pr_auc')),
    axes: ['Recall', 'Precision'],
    ...(curves.length === 1 && {
      chance: [
        [0, share],
        [1, share],
      ],
    }),
  });
}

/** How far probabilities can be taken at their word. */
export function calibrationChart(data: ReportData): string {
  const title = 'Calibration';
  const curves = data.curves.map((curve, at) => ({
    ...drawn(data, curve, at, 0),
    value: percent(curve.calibration.expectedError),
    calibration: curve.calibration,
  }));
  if (curves.length === 0) return noticeSvg('calibration', title, ONE_CLASS);
  const message =
    curves.length === 1
      ? scope(data, `Mean gap ${curves[0]!.value}`)
      : 'Mean gap by class; a larger dot holds more test rows';
  return calibrationSvg(title, message, curves);
}
