import { join } from 'node:path';

import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';

import { noRoom } from '../../../platform/storage/storage-full.ts';
import { Failure } from '../../../schemas/failure.ts';
import type { ReaderResources } from '../child/reader-job.ts';
import { notParquet } from './copy-footer.ts';

/** The one file that DuckDB may see, by this name in the process's own folder. */
export const SOURCE_NAME = 'source.parquet';
/** Without a large buffer a streamed result is produced by one thread; with it, by all. */
const STREAM_BUFFER = '64MB';

/** Nothing is fetched and nothing loaded: what DuckDB comes with is all it has. */
const CLOSED = {
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_community_extensions: 'false',
  allow_unsigned_extensions: 'false',
};

/** Opens DuckDB on nothing yet: done ahead of time, so that a job need not wait for it. */
export async function openDuckDb(): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:', CLOSED);
  return instance.connect();
}

/**
 * Shuts DuckDB in: it may read {@link SOURCE_NAME} and spill to `tmp` in the current folder, and
 * nothing else; then no setting can be changed any more. Reads the settings back.
 * @throws TypeError when one is not as it was set
 */
export async function confineDuckDb(
  connection: DuckDBConnection,
  { memoryBytes, threads }: ReaderResources,
): Promise<void> {
  const mebibytes = Math.floor(memoryBytes / (1 << 20));
  for (const setting of [
    `threads=${threads}`,
    `memory_limit='${mebibytes}MiB'`,
    `streaming_buffer_size='${STREAM_BUFFER}'`,
    'preserve_insertion_order=true',
    `temp_directory='tmp'`,
    `max_temp_directory_size='${4 * mebibytes}MiB'`,
    'allow_persistent_secrets=false',
    `allowed_paths=['${SOURCE_NAME}']`,
    'enable_external_access=false',
    'lock_configuration=true',
  ]) {
    await connection.run(`SET ${setting}`);
  }
  const folder = process.cwd();
  await demandSettings(connection, {
    ...CLOSED,
    threads: String(threads),
    allow_persistent_secrets: 'false',
    allowed_paths: `[${join(folder, SOURCE_NAME)}]`,
    allowed_directories: `[${join(folder, 'tmp/')}]`,
    enable_external_access: 'false',
    lock_configuration: 'true',
  });
}

async function demandSettings(
  connection: DuckDBConnection,
  wanted: Readonly<Record<string, string>>,
): Promise<void> {
  const read = await connection.runAndReadAll('SELECT name, value FROM duckdb_settings()');
  const found = new Map(read.getRows().map(([name, value]) => [String(name), String(value)]));
  const wrong = Object.entries(wanted).filter(([name, value]) => found.get(name) !== value);
  const unlimited = ['memory_limit', 'max_temp_directory_size'].filter(
    (name) => !/^[\d.]+ [KMGT]iB$/.test(found.get(name) ?? ''),
  );
  const open = [...wrong.map(([name]) => name), ...unlimited];
  if (open.length > 0) throw new TypeError(`DuckDB is not confined: ${open.join(', ')}`);
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
