import { wilsonInterval } from '../baseline.ts';
import type { ReportData } from '../report-data.ts';
import { surestMistakes } from '../tables/prediction-sample.ts';
import { featureSpread } from '../tables/weights-table.ts';
import { count, counted, percent, score } from '../text/formats.ts';
import { quoted } from '../text/shown-text.ts';
import { topWeights } from '../top-weights.ts';

type Finding = (data: ReportData) => string | undefined;

/** Shown at most. */
const FINDINGS = 6;
const NAMED = 3;

/** What a person should look at next, the weightiest first: sentences that this run's numbers bear out. */
export function findings(data: ReportData): readonly string[] {
  return RULES.map((rule) => rule(data))
    .filter((sentence) => sentence !== undefined)
    .slice(0, FINDINGS);
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, NAMED).map(quoted).join(', ');
  return names.length > NAMED ? `${shown} and ${count(names.length - NAMED)} more` : shown;
}

const tooGood: Finding = ({ hits, rows, input }) => {
  if (hits / rows < 0.999 || rows < 30) return undefined;
  const [best] = topWeights(input.linear, [input.linear.classCount === 2 ? 1 : 0], {
    ...featureSpread(input),
    ...{ limit: 1, by: 'size' },
  });
  const strongest = input.features[best?.weights[0]?.feature ?? -1];
  const hint = strongest === undefined ? '' : `; the strongest is ${quoted(strongest)}`;
  return `Nearly every test row is right. Make sure that no feature is derived from the target${hint}.`;
};

const neverPredicted: Finding = ({ actualRows, predictedRows, names }) => {
  const missed = names.filter((_, code) => actualRows[code]! > 0 && predictedRows[code] === 0);
  if (missed.length === 0) return undefined;
  const verb = missed.length === 1 ? 'class is' : 'classes are';
  return `${count(missed.length)} ${verb} never predicted: ${list(missed)}. More rows of them, or fewer classes, would help.`;
};

const frequentMistake: Finding = ({ confusion, classCount, actualRows, names }) => {
  let worst = -1;
  confusion.forEach((rows, at) => {
    if (at % (classCount + 1) !== 0 && rows > (confusion[worst] ?? 0)) worst = at;
  });
  if (worst < 0) return undefined;
  const truth = Math.floor(worst / classCount);
  const rows = confusion[worst]!;
  const of = actualRows[truth]!;
  return (
    `The most frequent mistake: ${quoted(names[truth]!)} taken for ${quoted(names[worst % classCount]!)}, ` +
    `${count(rows)} of its ${counted(of, 'test row')} (${percent(rows / of)}).`
  );
};

const imbalance: Finding = ({ baseline, input, names }) => {
  const balanced = input.metrics['balanced_accuracy'];
  if (baseline.accuracy < 0.8 || balanced === undefined) return undefined;
  return `${percent(baseline.accuracy)} of the test rows are ${quoted(names[baseline.code]!)}: the balanced accuracy, ${score(balanced)}, tells more than the accuracy.`;
};

const weakestClass: Finding = ({ perClass, names, input }) => {
  const present = perClass.filter(({ support }) => support > 0);
  const [first] = present;
  if (present.length < 3 || first === undefined) return undefined;
  const weakest = present.reduce((low, scores) => (scores.f1 < low.f1 ? scores : low), first);
  if (weakest.f1 > (input.metrics['f1_weighted'] ?? 0) - 0.1) return undefined;
  return `The weakest class is ${quoted(names[weakest.code]!)}: F1 ${score(weakest.f1)} on ${counted(weakest.support, 'test row')}.`;
};

/**
 * Even perfect probabilities leave gaps on few rows, of the size of each bin's sampling error; a
 * gap of twice that is worth a word.
 */
const calibrationGap: Finding = ({ curves, rows, names }) => {
  for (const { code, calibration } of curves) {
    const noise = calibration.bins.reduce((sum, { rows: inside, meanPredicted: p }) => {
      return sum + inside * Math.sqrt((2 / Math.PI) * ((p * (1 - p)) / inside));
    }, 0);
    if (calibration.expectedError < 0.03 || calibration.expectedError < (2 * noise) / rows)
      continue;
    return `The probabilities of ${quoted(names[code]!)} are off by ${percent(calibration.expectedError)} on average: look at the calibration before you use them as probabilities.`;
  }
  return undefined;
};

const sureMistake: Finding = ({ input, names, classCount }) => {
  const [row] = surestMistakes(input, 1);
  if (row === undefined) return undefined;
  const guess = input.predicted[row]!;
  const probability = input.probabilities[row * classCount + guess]!;
  if (probability < 0.9) return undefined;
  return `Row ${input.testRows[row]} is called ${quoted(names[guess]!)} with probability ${score(probability)} and is ${quoted(names[input.actual[row]!]!)}: mistakes this sure are often wrong labels (predictions.csv lists them).`;
};

const constantFeatures: Finding = ({ input }) => {
  const constant = (input.profile.features ?? []).flatMap(({ min, max }, at) =>
    min === max ? [input.features[at] ?? ''] : [],
  );
  if (constant.length === 0) return undefined;
  const verb = constant.length === 1 ? 'feature never changes' : 'features never change';
  return `${count(constant.length)} ${verb} and cannot help: ${list(constant)}.`;
};

const wideInterval: Finding = ({ hits, rows }) => {
  const [low, high] = wilsonInterval(hits, rows);
  if (high - low < 0.06) return undefined;
  return `${counted(rows, 'test row')} pin the accuracy down only to ${score(low)} to ${score(high)}: smaller differences between runs mean little.`;
};

const RULES: readonly Finding[] = [
  ...[tooGood, neverPredicted, imbalance, frequentMistake, weakestClass],
  ...[calibrationGap, sureMistake, constantFeatures, wideInterval],
];
