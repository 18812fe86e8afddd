import { stat } from 'node:fs/promises';

import { LearningError } from '../../learning/learning-error.ts';
import { stratifiedSplit } from '../../learning/split/stratified-split.ts';
import { testSetSize } from '../../learning/split/test-set-size.ts';
import { fitTfidf } from '../../learning/tfidf/tfidf.ts';
import { openArrayFile } from '../../platform/storage/array-file.ts';
import type { DatasetMeta } from '../../schemas/dataset.ts';
import { Failure } from '../../schemas/failure.ts';
import type { Inspection } from '../../schemas/inspection.ts';
import type { Params } from '../../schemas/request.ts';
import type { ComputePool } from '../compute/compute-pool.ts';
import { readRows } from '../compute/dataset-rows.ts';
import { learningFailure } from '../compute/learning-failures.ts';
import { fitBytes } from '../compute/memory-estimates.ts';
import type { ClassBalance } from '../sources/source-refused.ts';
import type { LoadedDataset } from '../sources/source-types.ts';
import { balanceOf } from '../sources/survey.ts';
import { grownTestSet } from '../split-dataset.ts';

/** How rows would be split, and what a run would be refused for after its data was loaded. */
export interface Plan {
  readonly split: Inspection['split'];
  readonly refusals: readonly Failure[];
  readonly warnings: readonly string[];
}

/** The sizes of a split. */
export function planSplit(
  { rows, classCount }: { readonly rows: number; readonly classCount: number },
  params: Params,
): Plan {
  const counts = { rows, classCount, testSize: params.test_size };
  const planned = refusedOr(() => testSetSize(counts));
  if (planned instanceof Failure) {
    return { split: null, refusals: [withFraction(planned, counts)], warnings: [] };
  }
  const { testRows, grown } = planned;
  return {
    split: { train_rows: rows - testRows, test_rows: testRows },
    refusals: [],
    warnings: grown ? [grownTestSet(testRows, params, { rows })] : [],
  };
}

/** The failure of a split with the fractions that would do, if there are any. */
function withFraction(
  failure: Failure,
  { rows, classCount }: { readonly rows: number; readonly classCount: number },
): Failure {
  if (rows < 2 * classCount) return failure;
  const most = Math.floor((1000 * (rows - classCount)) / rows) / 1000;
  const hint = `Give params.test_size at most ${most}, or add rows.`;
  return new Failure(failure.code, failure.message, hint, { cause: failure });
}

/** Larger texts hold a word. */
const FEW_TEXT_BYTES = 256 << 10;

/** What a run on a loaded dataset would do. @param path the dataset's file */
export async function planRun(
  dataset: LoadedDataset,
  path: string,
  { params, compute }: { readonly params: Params; readonly compute: ComputePool },
): Promise<Plan> {
  const plan = planSplit(dataset, params);
  if (!plan.split) return plan;
  const { size: bytes } = await stat(path);
  const trainRows = plan.split.train_rows;
  const tooLarge = refusedOr(() =>
    compute.checkMemory(fitBytes({ ...dataset, blob: { bytes } }, { trainRows })),
  );
  const wordless =
    dataset.task === 'text' && bytes <= FEW_TEXT_BYTES ? await tryWords(path, params) : undefined;
  const refusals = [tooLarge, wordless].filter((outcome) => outcome instanceof Failure);
  return { ...plan, refusals };
}

/** Looks for words in the texts that a run would be trained on. */
async function tryWords(path: string, { test_size: testSize, seed }: Params) {
  const { meta, codes } = await readLabels(path);
  const { train } = stratifiedSplit({ codes, classCount: meta.labels.length, testSize, seed });
  const { input } = await readRows(path, train);
  return refusedOr(() => fitTfidf(input as readonly string[]));
}

/** The rows of each class, of all when the reference lists the first only. */
export async function balanceOfDataset(
  { classes, classCount }: LoadedDataset,
  path: string,
): Promise<ClassBalance> {
  if (classes.length === classCount) {
    const labels = classes.map(({ label }) => label);
    return balanceOf({ labels, rows: classes.map(({ rows }) => rows) });
  }
  const { meta, codes } = await readLabels(path);
  const rows = meta.labels.map(() => 0);
  for (const code of codes) rows[code] = (rows[code] as number) + 1;
  return balanceOf({ labels: meta.labels, rows });
}

async function readLabels(path: string) {
  const file = await openArrayFile<DatasetMeta>(path);
  try {
    return { meta: file.meta, codes: await file.int32('y') };
  } finally {
    await file.close();
  }
}

/** What `attempt` returns, or the failure that a run would end with. */
function refusedOr<T>(attempt: () => T): T | Failure {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof LearningError) return learningFailure(error);
    if (error instanceof Failure) return error;
    throw error;
  }
}
