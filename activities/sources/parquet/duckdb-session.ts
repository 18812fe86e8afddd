import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';

import { noRoom } from '../../../platform/storage/storage-full.ts';
import { Failure } from '../../../schemas/failure.ts';
import type { ReaderResources } from '../child/reader-job.ts';
import { notParquet } from './copy-footer.ts';

/** The one file that DuckDB may see, by this name in the process's own folder. */
export const SOURCE_NAME = 'source.parquet';
/** Without a large buffer a streamed result is produced by one thread; with it, by all. */
const STREAM_BUFFER = '64MB';

/** Opens DuckDB on nothing yet: done ahead of time, so that a job need not wait for it. */
export async function openDuckDb(): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    allow_unsigned_extensions: 'false',
  });
  return instance.connect();
}

/**
 * Shuts DuckDB in: it may read {@link SOURCE_NAME} and spill to `tmp` in the current folder, and
 * nothing else; then no setting can be changed any more. Reads the settings back.
 */
export async function confineDuckDb(
  connection: DuckDBConnection,
  { memoryBytes, threads }: ReaderResources,
): Promise<void> {
  for (const setting of [
    `threads=${threads}`,
    `memory_limit='${Math.floor(memoryBytes / (1 << 20))}MiB'`,
    `streaming_buffer_size='${STREAM_BUFFER}'`,
    'preserve_insertion_order=true',
    `temp_directory='tmp'`,
    `max_temp_directory_size='${Math.floor((4 * memoryBytes) / (1 << 20))}MiB'`,
    `allowed_paths=['${SOURCE_NAME}']`,
    'enable_external_access=false',
    'lock_configuration=true',
  ]) {
    await connection.run(`SET ${setting}`);
  }
  const [confined] = (
    await connection.runAndReadAll(
      "SELECT current_setting('enable_external_access'), current_setting('lock_configuration')",
    )
  ).getRows();
  if (confined?.[0] !== false || confined[1] !== true)
    throw new TypeError('DuckDB is not confined');
}

/** A DuckDB error as one of ours: what it says of the file stays out. */
export function parquetFailure(error: unknown): Failure {
  const text = error instanceof Error ? error.message : '';
  if (text.startsWith('Out of Memory')) {
    return new Failure(
      'MEMORY_LIMIT',
      'The Parquet file needs more memory than a reader may use.',
      'Write it with smaller row groups, or select fewer columns.',
      { cause: error },
    );
  }
  if (/^IO Error: .*(?:No space left on device|Disk quota exceeded|File too large)$/s.test(text)) {
    return noRoom(error);
  }
  return notParquet(error);
}
