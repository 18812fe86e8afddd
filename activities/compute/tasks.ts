import { evaluate } from '../../learning/metrics/evaluate.ts';
import type { FitResult } from '../../learning/logistic-regression/fit.ts';
import { MODELS } from '../../learning/models.ts';
import { stratifiedSplit } from '../../learning/split/stratified-split.ts';
import { testSetSize } from '../../learning/split/test-set-size.ts';
import { createArrayFile, openArrayFile } from '../../platform/storage/array-file.ts';
import type { ModelKind, Params } from '../../schemas/request.ts';
import { readModelFile, writeModelFile } from '../model-file.ts';
import type { PredictionsMeta } from '../log-run/prediction-preview.ts';
import { readRows, readSplit } from './dataset-rows.ts';
import { reportRun, type ReportRunInput, type RunReport } from './report-run.ts';
import { exportModel, type ExportedModel, type ExportInput } from './export-model.ts';

/** Files with the results of a run's steps. */
export interface ResultPaths {
  readonly dataset: string;
  readonly split: string;
  readonly model: string;
  readonly predictions: string;
}

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
  readonly fit: TaskOf<
    {
      datasetPath: string;
      splitPath: string;
      kind: ModelKind;
      params: Params;
      /** Threads that may work on it. */
      threads: number;
      output: string;
    },
    {
      iterations: number;
      converged: boolean;
      loss: number;
      featureCount: number;
      helperSeconds: number;
      status: FitResult['status'];
      unseenClasses: number;
    }
  >;
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
  report: (progress: string) => void,
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

  async fit({ datasetPath, splitPath, kind, params, threads, output }, report) {
    report('reading the training rows');
    const rows = await readRows(datasetPath, await readSplit(splitPath, 'train'));
    const target = { codes: rows.codes, classCount: rows.meta.labels.length };
    const { C, max_iter, tol } = params;
    const losses: number[] = [];
    const options = {
      params: { C, max_iter, tol },
      threads,
      onIteration({ iteration, loss }: { iteration: number; loss: number }) {
        losses.push(loss);
        report(`iteration ${iteration}, loss ${loss.toPrecision(4)}`);
      },
    };
    // The dataset's task and the model's kind agree: both come from the request's model.
    const { model, fit } = MODELS[kind].fit(rows.input as never, target, options);
    await writeModelFile(output, { model, losses: Float64Array.from(losses) }, rows.meta);
    const { iterations, converged, loss, helperSeconds, status, unseenClasses } = fit;
    return {
      ...{ iterations, converged, loss, helperSeconds, status, unseenClasses },
      featureCount: model.linear.featureCount,
    };
  },

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
