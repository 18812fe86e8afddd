import { countCodes } from '../../learning/labels/encode-labels.ts';
import { scoreClasses, type ClassScores } from '../../learning/metrics/class-scores.ts';
import { confusionMatrix } from '../../learning/metrics/confusion-matrix.ts';
import { openArrayFile } from '../../platform/storage/array-file.ts';
import type { DatasetMeta } from '../../schemas/dataset.ts';
import type { Metrics } from '../../schemas/experiment.ts';
import { readModelFile } from '../model-file.ts';
import type { DirectoryFile } from '../model-directory/directory-file.ts';
import { majorityBaseline } from '../report/baseline.ts';
import type { DataProfile } from '../report/profile/data-profile.ts';
import { RunningMoments } from '../report/profile/running-moments.ts';
import { RunningTextLengths } from '../report/profile/text-lengths.ts';
import { reportFiles } from '../report/report-files.ts';
import type { ReportInput, RunFacts } from '../report/report-input.ts';
import { blockRows, readSplit } from './dataset-rows.ts';
import type { ResultPaths } from './tasks.ts';

export interface ReportRunInput {
  readonly paths: ResultPaths;
  readonly metrics: Metrics;
  readonly facts: RunFacts;
}

export interface RunReport {
  readonly files: readonly DirectoryFile[];
  /** Loss after each iteration of the training. */
  readonly losses: Float64Array;
  /** Accuracy on the test rows of always naming the most frequent class. */
  readonly baselineAccuracy: number;
  /** Of the largest classes of the test set. */
  readonly perClass: readonly (ClassScores & { readonly label: string })[];
}

/** Classes whose scores become metrics of the run; the report has them all. */
const MOST_CLASSES = 20;

/** Draws the report of a run from the results of its steps. */
export async function reportRun({ paths, metrics, facts }: ReportRunInput): Promise<RunReport> {
  const { model, losses, meta } = await readModelFile(paths.model);
  const predictions = await openArrayFile(paths.predictions);
  try {
    const input: ReportInput = {
      kind: model.kind,
      labels: meta.labels,
      actual: await predictions.int32('actual'),
      predicted: await predictions.int32('predicted'),
      probabilities: await predictions.float64('probabilities'),
      testRows: await readSplit(paths.split, 'test'),
      metrics,
      linear: model.linear,
      features: model.kind === 'logreg_text' ? model.tfidf.terms : meta.features,
      loss: Array.from(losses, (loss, i) => ({ iteration: i + 1, loss })),
      profile: await readProfile(paths.dataset),
      facts,
    };
    const confusion = confusionMatrix(input.actual, input.predicted, meta.labels.length);
    const perClass = scoreClasses(confusion, meta.labels.length);
    return {
      files: reportFiles(input).map(({ path, bytes }) => ({ path: `report/${path}`, bytes })),
      losses,
      baselineAccuracy: majorityBaseline(input.profile.classRows, perClass).accuracy,
      perClass: perClass
        .toSorted((a, b) => b.support - a.support || a.code - b.code)
        .slice(0, MOST_CLASSES)
        .map((scores) => ({ ...scores, label: String(meta.labels[scores.code]) })),
    };
  } finally {
    await predictions.close();
  }
}

/** One pass over the dataset, a block at a time. */
async function readProfile(path: string): Promise<DataProfile> {
  const file = await openArrayFile<DatasetMeta>(path);
  try {
    const { task, rows, features, labels } = file.meta;
    const classRows = countCodes(await file.int32('y'), labels.length);
    if (task === 'text') {
      const lengths = new RunningTextLengths();
      lengths.add(await file.uint8('text'), await file.float64('offsets'));
      return { rows, classRows, texts: lengths.lengthsSoFar() };
    }
    const moments = new RunningMoments(features.length);
    const values = features.length * blockRows(features.length);
    for await (const block of file.float64Pieces('x', values)) moments.add(block);
    return { rows, classRows, features: moments.moments() };
  } finally {
    await file.close();
  }
}
