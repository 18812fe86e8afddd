import { join } from 'node:path';

import type { Column } from '../../../schemas/dataset.ts';
import { Failure } from '../../../schemas/failure.ts';
import type { StoredSource } from '../../../schemas/source.ts';
import type { ReaderPool } from '../child/reader-pool.ts';
import type { LoadResult } from '../child/reader-job.ts';
import { HEADER_BYTES, readCsvHeader } from '../csv/csv-header.ts';
import { sampledColumns } from '../csv/sample-types.ts';
import { SOURCE_NAME } from '../parquet/duckdb-session.ts';
import { copyFooter, footerBytes } from '../parquet/copy-footer.ts';
import type { ReadContext } from '../source-types.ts';
import type { Selection } from '../../../schemas/dataset.ts';
import { hashFile } from './hash-file.ts';
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
  wanted: WantedFile,
  { dataRoots, pool }: FileDependencies,
): Promise<LoadResult & { sourceSha256: string }> {
  return withFile(source.path, dataRoots, wanted.context, (file) =>
    source.format === 'csv' ? loadWhileCopying(file, wanted, pool) : loadCopy(file, wanted, pool),
  );
}

/** SHA-256 (hex) of a file's bytes, without reading what they mean. @throws Failure */
export function hashSource(
  source: FileSource,
  context: ReadContext,
  dataRoots: readonly string[],
): Promise<string> {
  return withFile(source.path, dataRoots, context, (file) => hashFile(file, context.signal));
}

export interface WantedFile {
  readonly selection: Selection;
  /** Where the dataset goes. */
  readonly path: string;
  readonly context: ReadContext;
}

/** Parquet is read from its end, so the copy has to be complete first. */
async function loadCopy(
  file: ProvenFile,
  { selection, path, context }: WantedFile,
  pool: ReaderPool,
) {
  const { scratch, limits, signal } = context;
  const copy = join(scratch, SOURCE_NAME);
  await footerBytes(file);
  const sourceSha256 = await copyAndHash(file, copy, { maxBytes: limits.maxBytes, signal });
  const load = { path: copy, selection, limits, output: path };
  const run = readerRun(context);
  const loaded = await pool.run({ kind: 'parquet-load', folder: scratch, load }, run);
  return { ...loaded, sourceSha256 };
}

/** The reader follows the copying; the dataset counts only if the copy turns out whole. */
async function loadWhileCopying(
  file: ProvenFile,
  { selection, path, context }: WantedFile,
  pool: ReaderPool,
) {
  const { scratch, limits } = context;
  const either = new AbortController();
  const signal = AbortSignal.any([context.signal, either.signal]);
  const copy = join(scratch, 'source.csv');
  const load = { path: copy, bytes: file.size, selection, limits, output: path };
  const run = { ...readerRun(context), signal };
  const both = [
    copyAndHash(file, copy, { maxBytes: limits.maxBytes, signal }),
    pool.run({ kind: 'csv-load', folder: scratch, load }, run),
  ] as const;
  try {
    const [sourceSha256, loaded] = await Promise.all(both);
    return { ...loaded, sourceSha256 };
  } catch (error) {
    // What fails first is the reason; the other one ends before the file is closed.
    either.abort(error);
    await Promise.allSettled(both);
    throw error;
  }
}

/** How a reader process is run for a file: as long as a query may take. */
export function readerRun({ signal, limits, onProgress, onSpent }: ReadContext) {
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
    ...(onSpent && { onSpent }),
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
