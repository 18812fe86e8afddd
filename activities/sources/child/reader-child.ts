/** Entry of a reader process: it does one job with one untrusted file, answers, and ends. */
import { flushCompileCache } from 'node:module';
import { Worker } from 'node:worker_threads';

import { Failure } from '../../../schemas/failure.ts';
import { storageFull } from '../../../platform/storage/storage-full.ts';
import { SourceRefused, type FailureWords } from '../source-refused.ts';
import { performJob } from './perform-job.ts';
import type { ReaderJob, ReaderMessage, ReaderUse } from './reader-job.ts';
import type { WatchedJob } from './reader-watch.ts';

/** Progress goes out so often at most, in milliseconds. */
const PROGRESS_EVERY = 200;

// A service manager may tell every process to end: the parent decides when a reading ends.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

// A thread of its own, because SQLite keeps this one busy.
const watch = new Worker(new URL('./reader-watch.ts', import.meta.url));
watch.unref();
process.once('message', (job: ReaderJob) => {
  const { seconds, resources } = job;
  watch.postMessage({ seconds, memoryBytes: resources.memoryBytes } satisfies WatchedJob);
  process.chdir(job.folder);
  performJob(job, report).then(
    (result) => end({ result, used: usedSoFar() }),
    (error: unknown) =>
      end({
        failure: describeFailure(error),
        ...(error instanceof SourceRefused && { evidence: error.evidence }),
      }),
  );
});

function usedSoFar(): ReaderUse {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakBytes: maxRSS * 1024 };
}

let told = 0;
function report(rows: number): void {
  if (Date.now() - told < PROGRESS_EVERY) return;
  told = Date.now();
  send({ rows });
}

function describeFailure(error: unknown): FailureWords {
  const known = error instanceof Failure ? error : storageFull(error);
  if (known) return { code: known.code, message: known.message, hint: known.hint };
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
  send(message, () => {
    // What was compiled here spares the next process the work.
    flushCompileCache();
    // Not exit(): that waits for the watching thread, and was once seen to wait for ever.
    process.kill(process.pid, 'SIGKILL');
  });
}
