import { performJob } from '../../../activities/sources/child/perform-job.ts';
import type { ReaderPool } from '../../../activities/sources/child/reader-pool.ts';

/**
 * Does the jobs of a reader pool in this process: for tests of what is read, not of how it is kept
 * apart. Parquet needs a process of its own, because DuckDB is confined to the current folder.
 */
export const directPool: ReaderPool = {
  run: ((task, { onRows }) =>
    performJob(
      { ...task, resources: { memoryBytes: 1e9, threads: 1 }, seconds: 60 },
      onRows ?? (() => undefined),
    )) as ReaderPool['run'],
  close: () => Promise.resolve(),
};
