import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { readRows, readSplit } from '../activities/compute/dataset-rows.ts';
import type { DenseMatrix } from '../learning/matrix/matrix.ts';
import { MODELS } from '../learning/models.ts';
import type { Bench } from './bench.ts';
import { withFitTask, type FitCase, type Fitted, type FitTask } from './fit-task.ts';
import { judged, timeRow, type Row } from './results.ts';
import { agreeOn, takeTurns } from './side-by-side.ts';

const FIT_PROCESS = fileURLToPath(new URL('fit-process.ts', import.meta.url));
/** Of the dense matrix of the memory row. */
const MATRIX_BYTES = 1_000_000 * 20 * 8;

/** Dense logistic regression on the 800 000 training rows of 1 000 000, against scikit-learn. */
export async function measureFit(bench: Bench): Promise<Row[]> {
  const two = await bench.data('rows-1m.parquet');
  const three = await bench.data('rows-1m-3-classes.parquet');
  return [
    ...(await withFitTask(bench, denseCase(two), async (task) => [
      await fitRow(bench, { path: two, name: '2 classes: the train step’s task' }, () =>
        task.run(),
      ),
      await fitRow(
        bench,
        { path: two, name: '2 classes: the fit alone', bar: 1 },
        await fitAlone(task),
      ),
      await memoryRow(bench, task),
    ])),
    ...(await withFitTask(bench, denseCase(three), async (task) => [
      await fitRow(bench, { path: three, name: '3 classes: the train step’s task' }, () =>
        task.run(),
      ),
    ])),
  ];
}

function denseCase(path: string): FitCase {
  return {
    source: { kind: 'file', path, format: 'parquet', target: 'label' },
    selection: { task: 'tabular', features: undefined, target: 'label' },
    kind: 'logreg_tabular',
  };
}

interface FitRow {
  readonly path: string;
  readonly name: string;
  readonly bar?: number;
}

async function fitRow(
  bench: Bench,
  { path, name, bar }: FitRow,
  ours: () => Promise<Fitted>,
): Promise<Row> {
  const reference = await bench.reference();
  const what = `fit, 800 000 x 20 dense, ${name}, LogisticRegression.fit`;
  const comparison = await takeTurns({
    ...{ what, rounds: bench.rounds(5), say: bench.say },
    ours,
    other: async () => (await reference.ask({ op: 'fit', path })) as Fitted,
    agree: (mine, theirs) => agreeOn('accuracy', mine.accuracy, theirs.accuracy, 1e-12),
  });
  return timeRow(what, comparison, bar);
}

/** The fit without reading and writing. */
async function fitAlone({ datasetPath, splitPath }: FitTask): Promise<() => Promise<Fitted>> {
  const entry = MODELS.logreg_tabular;
  const train = await readRows(datasetPath, await readSplit(splitPath, 'train'));
  const test = await readRows(datasetPath, await readSplit(splitPath, 'test'));
  const threads = availableParallelism();
  const target = { codes: train.codes, classCount: train.meta.labels.length };
  return async () => {
    const startedAt = performance.now();
    const { model } = entry.fit(train.input as DenseMatrix, target, { threads });
    const seconds = (performance.now() - startedAt) / 1000;
    const predicted = entry.predict(model, test.input as DenseMatrix).codes;
    const right = test.codes.filter((code, row) => code === predicted[row]).length;
    return { seconds, accuracy: right / test.codes.length };
  };
}

/** Peak memory of a process that does nothing but this fit. */
async function memoryRow(bench: Bench, { datasetPath, splitPath }: FitTask): Promise<Row> {
  const paths = [datasetPath, splitPath, join(bench.scratch, 'memory-model')];
  const { signal } = bench;
  const { stdout } = await promisify(execFile)(process.execPath, [FIT_PROCESS, ...paths], {
    signal,
  });
  const peak = Number(stdout);
  return {
    what: 'fit, 1 000 000 x 20 dense: peak memory of a process that does it, the feature matrix',
    ...{ rounds: 1, ours: megabytes(peak), other: megabytes(MATRIX_BYTES) },
    ...judged(peak / MATRIX_BYTES, 3),
  };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
