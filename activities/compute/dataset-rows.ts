import type { DenseMatrix } from '../../learning/matrix/matrix.ts';
import type { ModelInputs } from '../../learning/models.ts';
import { sharedFloats } from '../../learning/parallel/shared-arrays.ts';
import { openArrayFile, type ArrayFile } from '../../platform/storage/array-file.ts';
import type { DatasetMeta } from '../../schemas/dataset.ts';

/** Some rows of a dataset, ready for a model, with the class of each. */
export interface SelectedRows {
  readonly meta: DatasetMeta;
  readonly input: ModelInputs['logreg_tabular'] | ModelInputs['logreg_text'];
  readonly codes: Int32Array;
}

/** Rows read at a time: 4 MiB of values. */
export const blockRows = (columns: number): number => Math.max(1, Math.floor((1 << 19) / columns));

/** Reads the rows `rows` of a dataset's file, all different, in that order. */
export async function readRows(datasetPath: string, rows: Int32Array): Promise<SelectedRows> {
  const file = await openArrayFile<DatasetMeta>(datasetPath);
  try {
    const { meta } = file;
    const y = await file.int32('y');
    const codes = Int32Array.from(rows, (row) => y[row] ?? -1);
    if (meta.task === 'tabular') {
      return { meta, codes, input: await denseRows(file, rows) };
    }
    const input = texts(await file.uint8('text'), await file.float64('offsets'), rows);
    return { meta, codes, input };
  } finally {
    await file.close();
  }
}

/** So few rows are read one by one; for more the file is read from start to end. */
const FEW_ROWS = 16;

/** Only the rows asked for stay in memory. */
async function denseRows(file: ArrayFile<DatasetMeta>, rows: Int32Array): Promise<DenseMatrix> {
  const columns = file.meta.features.length;
  const values = sharedFloats(rows.length * columns);
  const matrix: DenseMatrix = { kind: 'dense', rows: rows.length, columns, values };
  if (rows.length <= FEW_ROWS) {
    for (const [place, row] of rows.entries()) {
      const target = values.subarray(place * columns, (place + 1) * columns);
      await file.readFloat64('x', row * columns, target);
    }
    return matrix;
  }
  const places = new Int32Array(file.meta.rows).fill(-1);
  rows.forEach((row, place) => (places[row] = place));
  const pieceRows = blockRows(columns);
  let row = 0;
  for await (const piece of file.float64Pieces('x', pieceRows * columns)) {
    scatterRows(piece, values, { columns, places: places.subarray(row) });
    row += pieceRows;
  }
  return matrix;
}

/** Copies each row of a block to its place in `values`; a place of -1 leaves it out. */
function scatterRows(
  block: Float64Array,
  values: Float64Array,
  { columns, places }: { readonly columns: number; readonly places: Int32Array },
): void {
  for (let from = 0, row = 0; from < block.length; from += columns, row++) {
    const place = places[row] as number;
    if (place === -1) continue;
    const to = place * columns;
    // Element by element: a subarray and `set` cost more than a narrow row.
    for (let j = 0; j < columns; j++) values[to + j] = block[from + j] as number;
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
