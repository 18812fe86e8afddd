import { evaluate } from '../../learning/metrics/evaluate.ts';
import { MODELS } from '../../learning/models.ts';
import { stratifiedSplit } from '../../learning/split/stratified-split.ts';
import { testSetSize } from '../../learning/split/test-set-size.ts';
import { createArrayFile, openArrayFile } from '../../platform/storage/array-file.ts';
import { readModelFile } from '../model-file.ts';
import type { PredictionsMeta } from '../log-run/prediction-preview.ts';
import { readRows, readSplit } from './dataset-rows.ts';
import { reportRun, type ReportRunInput, type RunReport } from './report-run.ts';
import { fitModel, type FitInput, type FitOutput } from './fit-model.ts';
import { exportModel, type ExportedModel, type ExportInput } from './export-model.ts';

/** Files with the results of a run's steps. */
export interface ResultPaths {
  readonly dataset: string;
  readonly split: string;
  readonly model: string;
  readonly predictions: string;
}

/** What a task says while it works. */
export interface News {
  /** How far it is, in words. */
  readonly message?: string;
  /** A finished file with the state of a fit; `sha256` as {@link writeCheckpoint} returns it. */
  readonly checkpoint?: {
    readonly path: string;
    readonly iteration: number;
    readonly sha256: string;
  };
  /** That of the checkpoint from which a fit goes on. */
  readonly resumedFrom?: string;
}
export type Tell = (news: News) => void;

interface TaskOf<Input, Output> {
  readonly input: Input;
  readonly output: Output;
}

/** The numeric work of the steps: paths of array files in, an array file and small numbers out. */
export interface Tasks {
  readonly split: TaskOf<
    {
      datasetPath: string;
      classCount: number;
      testSize: number;
      seed: number;
      output: string;
    },
    { trainRows: number; testRows: number; grown: boolean }
  >;
  readonly fit: TaskOf<FitInput, FitOutput>;
  readonly evaluate: TaskOf<
    { datasetPath: string; splitPath: string; modelPath: string; output: string },
    { metrics: Record<string, number> }
  >;
  readonly export: TaskOf<ExportInput, ExportedModel>;
  readonly report: TaskOf<ReportRunInput, RunReport>;
}
export type Task = keyof Tasks;

type Run<Name extends Task> = (
  input: Tasks[Name]['input'],
  tell: Tell,
) => Promise<Tasks[Name]['output']>;

export const TASKS: { readonly [Name in Task]: Run<Name> } = {
  async split({ datasetPath, output, ...options }) {
    const dataset = await openArrayFile(datasetPath);
    const codes = await dataset.int32('y').finally(() => dataset.close());
    const { train, test } = stratifiedSplit({ codes, ...options });
    const file = await createArrayFile(output);
    file.begin('train', 'int32');
    await file.append(train);
    file.begin('test', 'int32');
    await file.append(test);
    await file.finish({});
    const { grown } = testSetSize({ rows: codes.length, ...options });
    return { trainRows: train.length, testRows: test.length, grown };
  },

  fit: fitModel,

  async evaluate({ datasetPath, splitPath, modelPath, output }) {
    const testRows = await readSplit(splitPath, 'test');
    const { meta, input, codes } = await readRows(datasetPath, testRows);
    const { model } = await readModelFile(modelPath);
    const predictions = MODELS[model.kind].predict(model as never, input as never);
    const { metrics } = evaluate(codes, predictions, meta.labels.length);
    const file = await createArrayFile(output);
    file.begin('rows', 'int32');
    await file.append(testRows);
    file.begin('actual', 'int32');
    await file.append(codes);
    file.begin('predicted', 'int32');
    await file.append(predictions.codes);
    file.begin('probabilities', 'float64');
    await file.append(predictions.probabilities);
    await file.finish({ labels: meta.labels } satisfies PredictionsMeta);
    return { metrics: { ...metrics } };
  },

  export: exportModel,
  report: reportRun,
};
