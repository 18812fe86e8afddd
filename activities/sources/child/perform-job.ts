import type { Column } from '../../../schemas/dataset.ts';
import { loadCsv } from '../csv/load-csv.ts';
import { loadRecords } from '../inline/load-records.ts';
import { loadSqlite } from '../sqlite/load-sqlite.ts';
import { openSqliteQuery, sqliteColumns } from '../sqlite/sqlite-query.ts';
import type { LoadResult, ReaderJob } from './reader-job.ts';

/** Does what a reader process is for. @throws Failure */
export async function performJob(
  job: ReaderJob,
  report: (rows: number) => void,
): Promise<Column[] | LoadResult> {
  switch (job.kind) {
    case 'csv-load':
      return loadCsv(job.load, report, { threads: job.resources.threads });
    case 'records-load':
      return loadRecords(job.load, report);
    case 'sqlite-describe': {
      const { statement, close } = openSqliteQuery(job.path, job.query, job.tables);
      const columns = sqliteColumns(statement);
      close();
      return columns;
    }
    case 'sqlite-load':
      return loadSqlite(job.load, report);
    case 'parquet-describe':
    case 'parquet-load': {
      // Loaded only here: DuckDB costs a reader as much to start as all the rest.
      const { performParquetJob } = await import('../parquet/perform-parquet-job.ts');
      return performParquetJob(job, report);
    }
  }
}
