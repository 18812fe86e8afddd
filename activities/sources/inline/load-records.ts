import { readFile } from 'node:fs/promises';

import { Failure } from '../../../schemas/failure.ts';
import type { InlineRecord } from '../../../schemas/source.ts';
import type { FileLoad, LoadResult } from '../child/reader-job.ts';
import { createDatasetWriter, loadResult } from '../dataset-writer.ts';
import { createValueLabels } from '../value-labels.ts';

/**
 * Reads inline records, a JSON array of {text, label} that the server has written, into a text dataset.
 * @throws Failure MIXED_LABELS for labels of several JSON types, or a dataset writer's failure
 */
export async function loadRecords(
  { path, selection, limits, output }: FileLoad,
  onRows: (rows: number) => void,
): Promise<LoadResult> {
  const records = await readRecords(path);
  const labels = createValueLabels();
  const shape = { task: 'text', features: ['text'], target: selection.target, limits } as const;
  const writer = await createDatasetWriter(output, { ...shape, labels: labels.raw });
  const encoder = new TextEncoder();
  try {
    for (let row = 0; row < records.length;) {
      const block = writer.block();
      const count = Math.min(block.capacity, records.length - row);
      for (let i = 0; i < count; i++, row++) {
        const { text, label } = records[row] as InlineRecord;
        const bytes = encoder.encode(text);
        writer.appendText(bytes, 0, bytes.length);
        block.codes[i] = labels.codeOf(label);
      }
      await writer.commit(count);
      onRows(writer.rows());
    }
    return loadResult(shape, await writer.finish());
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

/** The server has checked each record, and the blob's hash that it is still what was checked. */
async function readRecords(path: string): Promise<readonly InlineRecord[]> {
  const parsed: unknown = JSON.parse(await readFile(path, 'utf8'));
  if (Array.isArray(parsed)) return parsed as InlineRecord[];
  throw new Failure(
    'BLOB_CORRUPT',
    'The stored records of this run are not a list.',
    'Start the run again.',
  );
}
