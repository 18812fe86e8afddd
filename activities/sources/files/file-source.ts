import { join } from 'node:path';

import type { Column } from '../../../schemas/dataset.ts';
import { Failure } from '../../../schemas/failure.ts';
import type { StoredSource } from '../../../schemas/source.ts';
import type { ReaderPool } from '../child/reader-pool.ts';
import type { LoadResult } from '../child/reader-job.ts';
import { HEADER_BYTES, readCsvHeader } from '../csv/csv-header.ts';
import { sampledColumns } from '../csv/sample-types.ts';
import { SOURCE_NAME } from '../parquet/duckdb-session.ts';
import { copyFooter } from '../parquet/copy-footer.ts';
import type { ReadContext } from '../source-types.ts';
import type { Selection } from '../../../schemas/dataset.ts';
import { openInRoots, type ProvenFile } from './open-in-roots.ts';
import { copyAndHash } from './private-copy.ts';

export type FileSource = Extract<StoredSource, { kind: 'file' }>;

export interface FileDependencies {
  readonly dataRoots: readonly string[];
  readonly pool: ReaderPool;
}

/** The columns of a CSV or Parquet file; of its bytes only header or footer are read. @throws Failure */
export function describeFile(
  source: FileSource,
  context: ReadContext,
  { dataRoots, pool }: FileDependencies,
): Promise<Column[]> {
  return withFile(source.path, dataRoots, context, async (file) => {
    if (source.format === 'csv') return describeCsv(file);
    await copyFooter(file, join(context.scratch, SOURCE_NAME));
    return pool.run(
      { kind: 'parquet-describe', folder: context.scratch, path: SOURCE_NAME },
      readerRun(context),
    );
  });
}

/** Copies and hashes a file, and has a reader process make a dataset of the copy. @throws Failure */
export function loadFile(
  source: FileSource,
  { selection, path, context }: { selection: Selection; path: string; context: ReadContext },
  { dataRoots, pool }: FileDependencies,
): Promise<LoadResult & { sourceSha256: string }> {
  return withFile(source.path, dataRoots, context, async (file) => {
    const isCsv = source.format === 'csv';
    const copy = join(context.scratch, isCsv ? 'source.csv' : SOURCE_NAME);
    const sourceSha256 = await copyAndHash(file, copy, {
      maxBytes: context.limits.maxBytes,
      signal: context.signal,
    });
    const kind = isCsv ? 'csv-load' : 'parquet-load';
    const load = { path: copy, selection, limits: context.limits, output: path };
    const loaded = await pool.run({ kind, folder: context.scratch, load }, readerRun(context));
    return { ...loaded, sourceSha256 };
  });
}

/** How a reader process is run for a file: as long as a query may take. */
export function readerRun({ signal, limits, onProgress }: ReadContext) {
  return {
    signal,
    timeoutSeconds: limits.queryTimeoutSeconds,
    onTimeout: () =>
      new Failure(
        'TIME_LIMIT',
        `Reading the source took longer than ${limits.queryTimeoutSeconds} seconds.`,
        'Give a smaller source; the operator can raise QUERY_TIMEOUT_SECONDS.',
      ),
    onRows: (rows: number) => onProgress({ rows }),
  };
}

async function describeCsv({ handle, size }: ProvenFile): Promise<Column[]> {
  const head = Buffer.alloc(Math.min(size, HEADER_BYTES));
  const { bytesRead } = await handle.read(head, 0, head.length, 0);
  const header = readCsvHeader(head.subarray(0, bytesRead), bytesRead === size);
  return sampledColumns(head.subarray(0, bytesRead), header);
}

async function withFile<T>(
  path: string,
  roots: readonly string[],
  { limits }: ReadContext,
  use: (file: ProvenFile) => Promise<T>,
): Promise<T> {
  const file = await openInRoots(path, roots, limits.maxBytes);
  try {
    return await use(file);
  } finally {
    await file.handle.close();
  }
}
