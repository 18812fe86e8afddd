/** Entry of a reader process: it does one job with one untrusted file, answers, and ends. */
import { Worker } from 'node:worker_threads';

import { Failure } from '../../../schemas/failure.ts';
import { loadCsv } from '../csv/load-csv.ts';
import { loadRecords } from '../inline/load-records.ts';
import { confineDuckDb, openDuckDb } from '../parquet/duckdb-session.ts';
import { loadParquet } from '../parquet/load-parquet.ts';
import { parquetColumns } from '../parquet/parquet-columns.ts';
import { loadSqlite } from '../sqlite/load-sqlite.ts';
import { openSqliteQuery, sqliteColumns } from '../sqlite/sqlite-query.ts';
import type { LoadResult, ReaderJob, ReaderMessage } from './reader-job.ts';
import type { Column } from '../../../schemas/dataset.ts';

/** Progress goes out so often at most, in milliseconds. */
const PROGRESS_EVERY = 200;

// The terminal's Ctrl-C reaches the whole process group: the parent decides when a reading ends.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

// A thread of its own, because SQLite keeps this one busy.
const watch = new Worker(new URL('./reader-watch.ts', import.meta.url));
watch.unref();
// Made before there is a job, so that a job need not wait for it.
const duckDb = openDuckDb();
// Awaited by the jobs that need it; the others must not end because it failed.
duckDb.catch(() => undefined);

process.once('message', (job: ReaderJob) => {
  watch.postMessage(job.resources.memoryBytes);
  process.chdir(job.folder);
  perform(job).then(
    (result) => end({ result }),
    (error: unknown) => end({ failure: describeFailure(error) }),
  );
});

let told = 0;
function report(rows: number): void {
  if (Date.now() - told < PROGRESS_EVERY) return;
  told = Date.now();
  send({ rows });
}

async function perform(job: ReaderJob): Promise<Column[] | LoadResult> {
  switch (job.kind) {
    case 'csv-load':
      return loadCsv(job.load, report);
    case 'records-load':
      return loadRecords(job.load, report);
    case 'sqlite-describe': {
      const { statement, close } = openSqliteQuery(job.path, job.query);
      const columns = sqliteColumns(statement);
      close();
      return columns;
    }
    case 'sqlite-load':
      return loadSqlite(job.load, report);
    case 'parquet-describe':
    case 'parquet-load': {
      const connection = await duckDb;
      await confineDuckDb(connection, job.resources);
      return job.kind === 'parquet-load'
        ? loadParquet(connection, job.load, report)
        : parquetColumns(connection);
    }
  }
}

function describeFailure(error: unknown): { code: Failure['code']; message: string; hint: string } {
  if (error instanceof Failure)
    return { code: error.code, message: error.message, hint: error.hint };
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return {
      code: 'STORAGE_FULL',
      message: 'The blob store has no room left.',
      hint: 'Free disk space where BLOB_STORE lies; the run goes on by itself.',
    };
  }
  return {
    code: 'READER_DIED',
    message: 'The source could not be read, for a reason of our own.',
    hint: 'Try again; if it stays so, report it with the kind of file.',
  };
}

function send(message: ReaderMessage, then?: () => void): void {
  process.send?.(message, undefined, undefined, () => then?.());
}

function end(message: ReaderMessage): void {
  send(message, () => process.exit(0));
}
