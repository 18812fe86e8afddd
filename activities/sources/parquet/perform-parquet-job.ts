import type { Column } from '../../../schemas/dataset.ts';
import type { LoadResult, ReaderJob } from '../child/reader-job.ts';
import { confineDuckDb, openDuckDb } from './duckdb-session.ts';
import { loadParquet } from './load-parquet.ts';
import { parquetColumns } from './parquet-columns.ts';

type ParquetJob = Extract<ReaderJob, { kind: 'parquet-load' | 'parquet-describe' }>;

/** Reads a Parquet file, or its columns, with a DuckDB that sees nothing else. @throws Failure */
export async function performParquetJob(
  job: ParquetJob,
  report: (rows: number) => void,
): Promise<Column[] | LoadResult> {
  const connection = await openDuckDb();
  await confineDuckDb(connection, job.resources);
  return job.kind === 'parquet-load'
    ? loadParquet(connection, job.load, report)
    : parquetColumns(connection);
}
