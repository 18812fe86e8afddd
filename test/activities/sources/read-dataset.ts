import { openArrayFile } from '../../../platform/storage/array-file.ts';
import type { DatasetMeta } from '../../../schemas/dataset.ts';

/** A dataset file in plain values: rows of features, or texts, and the label of each row. */
export async function readDataset(path: string) {
  const file = await openArrayFile<DatasetMeta>(path);
  try {
    const { meta } = file;
    const y = await file.int32('y');
    const labels = [...y].map((index) => meta.labels[index]);
    if (meta.task === 'text') {
      const bytes = Buffer.from(await file.uint8('text'));
      const offsets = [...(await file.float64('offsets'))];
      const texts = offsets.slice(1).map((end, i) => bytes.subarray(offsets[i], end).toString());
      return { meta, labels, texts, rows: [] };
    }
    const x = await file.float64('x');
    const width = meta.features.length;
    const rows = labels.map((_, row) => [...x.subarray(row * width, (row + 1) * width)]);
    return { meta, labels, texts: [], rows };
  } finally {
    await file.close();
  }
}
