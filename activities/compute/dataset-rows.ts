import { selectRows } from '../../learning/matrix/select-rows.ts';
import { denseMatrix } from '../../learning/matrix/matrix.ts';
import type { ModelInputs } from '../../learning/models.ts';
import { openArrayFile } from '../../platform/storage/array-file.ts';
import type { DatasetMeta } from '../../schemas/dataset.ts';

/** Some rows of a dataset, ready for a model, with the class of each. */
export interface SelectedRows {
  readonly meta: DatasetMeta;
  readonly input: ModelInputs['logreg_tabular'] | ModelInputs['logreg_text'];
  readonly codes: Int32Array;
}

/** Reads the rows `rows` of a dataset's file, in that order. */
export async function readRows(datasetPath: string, rows: Int32Array): Promise<SelectedRows> {
  const file = await openArrayFile<DatasetMeta>(datasetPath);
  try {
    const { meta } = file;
    const y = await file.int32('y');
    const codes = Int32Array.from(rows, (row) => y[row] ?? -1);
    if (meta.task === 'tabular') {
      const columns = meta.features.length;
      const all = denseMatrix(await file.float64('x'), meta.rows, columns);
      return { meta, codes, input: selectRows(all, rows) };
    }
    const input = texts(await file.uint8('text'), await file.float64('offsets'), rows);
    return { meta, codes, input };
  } finally {
    await file.close();
  }
}

function texts(bytes: Uint8Array, offsets: Float64Array, rows: Int32Array): string[] {
  // A view of memory shared between threads can't be decoded: Buffer's own decoder takes it.
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from(rows, (row) => buffer.toString('utf8', offsets[row], offsets[row + 1]));
}

/** The row numbers of one side of a split. */
export async function readSplit(splitPath: string, side: 'train' | 'test'): Promise<Int32Array> {
  const file = await openArrayFile(splitPath);
  try {
    return await file.int32(side);
  } finally {
    await file.close();
  }
}
