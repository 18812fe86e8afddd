import type { DatasetRef, SplitRef } from '../../schemas/dataset.ts';
import type { ModelRef } from '../../schemas/experiment.ts';

/** Bytes that a task holds beside its data: code, buffers, small arrays. */
const BASE = 64 << 20;
/** Vectors as long as the parameters that L-BFGS and its objective keep. */
const VECTORS = 30;
/** Parts whose gradients are kept apart, see learning/logistic-regression/chunks.ts. */
const PARTS = 64;
/**
 * Memory of a text fit over the bytes of its texts: strings, tokens, pairs and twice the sparse matrix.
 * Measured on four generated corpora of 29 to 88 MB: 6 to 12, the texts themselves not counted.
 */
const TEXT_FACTOR = 16;
const MOST_TERMS = 20_000;

/** A dataset by what decides the memory that a fit takes. */
export interface SizedDataset extends Pick<DatasetRef, 'task' | 'rows' | 'classCount'> {
  readonly blob: { readonly bytes: number };
}

const outputsOf = (classCount: number): number => (classCount === 2 ? 1 : classCount);

export const splitBytes = ({ rows }: DatasetRef): number => BASE + 48 * rows;

/** Of a fit: the training rows, and everything that is as long as the parameters. */
export function fitBytes(dataset: SizedDataset, split: Pick<SplitRef, 'trainRows'>): number {
  const { task, rows, blob } = dataset;
  const width = task === 'text' ? MOST_TERMS : featureCount(dataset);
  const parameters = outputsOf(dataset.classCount) * (width + 1);
  const parts = task === 'text' ? 0 : Math.min(PARTS, Math.ceil(split.trainRows / 1024));
  const vectors = 8 * parameters * (VECTORS + parts);
  const data = task === 'text' ? TEXT_FACTOR * blob.bytes : 8 * split.trainRows * width;
  return BASE + data + vectors + 16 * rows;
}

/** Of predicting, measuring and drawing the test rows. */
export function testBytes(dataset: DatasetRef, split: SplitRef, model: ModelRef): number {
  const { task, rows, blob, classCount } = dataset;
  const share = split.testRows / rows;
  const data =
    task === 'text' ? TEXT_FACTOR * blob.bytes * share : 8 * split.testRows * model.featureCount;
  return BASE + data + 6 * 8 * split.testRows * classCount + 16 * rows + blobOfText(dataset);
}

/** Texts are read whole. */
const blobOfText = ({ task, blob }: DatasetRef): number => (task === 'text' ? blob.bytes : 0);

/** The features of a tabular dataset, by its size: the reference lists the first hundred only. */
const featureCount = ({ rows, blob }: SizedDataset): number => Math.ceil(blob.bytes / (8 * rows));
