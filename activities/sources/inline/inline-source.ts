import type { Selection } from '../../../schemas/dataset.ts';
import type { BlobStore } from '../../../platform/storage/blob-store.ts';
import type { StoredSource } from '../../../schemas/source.ts';
import type { LoadResult } from '../child/reader-job.ts';
import type { ReaderPool } from '../child/reader-pool.ts';
import { readerRun } from '../files/file-source.ts';
import type { ReadContext } from '../source-types.ts';

export type InlineSource = Extract<StoredSource, { kind: 'inline' }>;

/** Has a reader process make a dataset of the records that the server has stored. @throws Failure */
export function loadInline(
  source: InlineSource,
  { selection, path, context }: { selection: Selection; path: string; context: ReadContext },
  { blobs, pool }: { readonly blobs: BlobStore; readonly pool: ReaderPool },
): Promise<LoadResult & { sourceSha256: string }> {
  return blobs.withFile(source.records, async (records) => {
    const load = { path: records, selection, limits: context.limits, output: path };
    const task = { kind: 'records-load', folder: context.scratch, load } as const;
    const loaded = await pool.run(task, readerRun(context));
    return { ...loaded, sourceSha256: source.records.sha256 };
  });
}
