import { largestClasses } from '../class-choice.ts';
import { lossCurve } from '../curves/loss-curve.ts';
import type { ReportData } from '../report-data.ts';
import { foldMatrix } from '../tables/folded-matrix.ts';
import { featureSpread, topTerms, weightedClasses } from '../tables/weights-table.ts';
import { count, percent } from '../text/formats.ts';
import { shownText } from '../text/shown-text.ts';
import { topWeights, type ClassWeights } from '../top-weights.ts';
import { confusionSvg } from './confusion-chart.ts';
import { lossSvg } from './loss-chart.ts';
import { noticeSvg } from './notice-chart.ts';
import { weightsSvg, type WeightPanel } from './weights-chart.ts';

/** Classes that a matrix has room for; of more, the largest are drawn and the others summed up. */
const DRAWN_MATRIX = 30;
const FOLDED_MATRIX = 20;
const PANELS = 6;
const SINGLE_BARS = 20;

export function confusionChart({ confusion, classCount, names, rows, hits }: ReportData): string {
  const limit = classCount <= DRAWN_MATRIX ? DRAWN_MATRIX : FOLDED_MATRIX;
  const matrix = foldMatrix(confusion, classCount, limit);
  const shown = matrix.codes.map((code) => names[code]!);
  if (matrix.others > 0) shown.push(`${matrix.others} others`);
  const right = `${count(hits)} of ${count(rows)} test rows right: ${percent(hits / rows)}`;
  const message = matrix.others > 0 ? `The ${limit} largest classes; ${right}` : right;
  return confusionSvg(matrix, { names: shown, message });
}

/** The strongest columns, or the terms that speak most for a class. */
export function weightsChart({ input, names, actualRows, classCount }: ReportData): string {
  const isText = input.kind === 'logreg_text';
  const title = isText ? 'Telling words' : 'Coefficients';
  const codes =
    classCount === 2
      ? weightedClasses(input.linear)
      : largestClasses(actualRows, PANELS).sort((a, b) => a - b);
  const limit = classCount === 2 ? SINGLE_BARS : codes.length <= 3 ? 6 : codes.length <= 4 ? 5 : 4;
  const { spread } = featureSpread(input);
  const classes = isText
    ? topTerms(input, codes, limit)
    : topWeights(input.linear, codes, { ...(spread && { spread }), limit, by: 'size' });
  if (classes.every(({ weights }) => weights.length === 0)) {
    return noticeSvg('weights', title, ['The model has no weights.']);
  }
  const all =
    classCount > 2 && classCount > codes.length ? `, ${codes.length} largest classes` : '';
  return weightsSvg({
    title,
    message: isText
      ? `Strongest words and pairs of words${all}`
      : `Log-odds per ${spread ? 'standard deviation' : 'unit'}${all || ' of a feature'}`,
    panels: classes.map((weights) => panel(input.features, weights, names, classCount)),
    sides:
      classCount === 2
        ? [`speaks for ${names[1]}`, `speaks for ${names[0]}`]
        : ['speaks for the class', 'speaks against it'],
  });
}

function panel(
  features: readonly string[],
  { code, weights }: ClassWeights,
  names: readonly string[],
  classCount: number,
): WeightPanel {
  const bars = weights.map(({ feature, effect }) => ({
    name: shownText(features[feature] ?? ''),
    value: effect,
  }));
  // Two classes pull in opposite directions: one slope from the one to the other.
  return classCount === 2
    ? { name: undefined, bars: bars.sort((a, b) => b.value - a.value) }
    : { name: names[code]!, bars };
}

export function lossChart({ input }: ReportData): string {
  const points = lossCurve(input.loss);
  if (points.length < 2) {
    return noticeSvg('loss', 'Training loss', ['The training took fewer than two', 'iterations.']);
  }
  return lossSvg(points, input.facts.converged);
}
