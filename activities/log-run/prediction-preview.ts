import { stringify } from 'csv-stringify/sync';

import { openArrayFile } from '../../platform/storage/array-file.ts';
import type { LabelValue } from '../../schemas/dataset.ts';
import type { ArtifactFile } from './artifact-files.ts';

/** What a predictions blob says of itself; its arrays `actual` and `predicted` hold class indices. */
export interface PredictionsMeta {
  readonly labels: readonly LabelValue[];
}

const PREVIEW_ROWS = 20;

/** The first twenty predictions of the test set as CSV: y_true, y_pred. */
export async function predictionPreview(path: string): Promise<ArtifactFile> {
  const file = await openArrayFile<PredictionsMeta>(path);
  try {
    const actual = await file.int32('actual');
    const predicted = await file.int32('predicted');
    const label = (code: number | undefined): string => String(file.meta.labels[code ?? -1]);
    const rows = [...actual.subarray(0, PREVIEW_ROWS)].map((code, i) => [
      label(code),
      label(predicted[i]),
    ]);
    const csv = stringify([['y_true', 'y_pred'], ...rows]);
    return { path: 'preview/predictions.csv', bytes: Buffer.from(csv) };
  } finally {
    await file.close();
  }
}
