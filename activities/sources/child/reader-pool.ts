import type { ChildProcess } from 'node:child_process';
import { availableParallelism, constants, totalmem } from 'node:os';

import pLimit from 'p-limit';

import { Failure } from '../../../schemas/failure.ts';
import type {
  ReaderJob,
  ReaderMessage,
  ReaderResources,
  ReaderResult,
  ReaderUse,
} from './reader-job.ts';
import { SourceRefused } from '../source-refused.ts';
import { prioritise } from './reader-priority.ts';
import { killReader, startReader } from './reader-process.ts';
import { OVER_MEMORY } from './reader-signals.ts';

/** A job without what the pool adds to it. */
export type ReaderTask = ReaderJob extends infer Job
  ? Job extends ReaderJob
    ? Omit<Job, 'resources' | 'seconds'>
    : never
  : never;

export interface ReaderRun {
  readonly signal: AbortSignal;
  readonly timeoutSeconds: number;
  /** The failure when the time is over. */
  readonly onTimeout: () => Failure;
  readonly onRows?: (rows: number) => void;
  /** Told at the end of a reading that succeeded. */
  readonly onSpent?: (used: ReaderUse) => void;
}

/**
 * Reader processes, one job each: an empty environment, no secrets, killed on cancellation and
 * timeout. One spare process waits with everything loaded, so that a job starts at once.
 */
export interface ReaderPool {
  run<Task extends ReaderTask>(
    task: Task,
    options: ReaderRun,
  ): Promise<ReaderResult<Extract<ReaderJob, { kind: Task['kind'] }>>>;
  /** Ends the spare process; running jobs go on. */
  close(): Promise<void>;
}

const STANDARD_RESOURCES: ReaderResources = {
  memoryBytes: Math.max(512 << 20, Math.min(4 * 2 ** 30, Math.floor(totalmem() / 4))),
  threads: Math.min(8, availableParallelism()),
};

export interface ReaderPoolOptions {
  readonly resources?: ReaderResources;
  /** Loads at once. */
  readonly concurrency?: number;
  /** Where Node keeps compiled modules: a process starts in a third of the time. */
  readonly cacheFolder?: string;
}

export function createReaderPool({
  resources = STANDARD_RESOURCES,
  concurrency = Math.max(2, availableParallelism()),
  cacheFolder,
}: ReaderPoolOptions = {}): ReaderPool {
  const heavy = pLimit(concurrency);
  let closed = false;
  let spare: ChildProcess | undefined = start();

  function start(): ChildProcess {
    const child = startReader({ resources, cacheFolder });
    child.on('error', () => undefined);
    child.unref();
    child.channel?.unref();
    // It gets ready while the run that took the last one goes on: that run comes first.
    prioritise(child, constants.priority.PRIORITY_LOW);
    return child;
  }

  function take(): ChildProcess {
    const child = spare?.connected === true && spare.exitCode === null ? spare : start();
    spare = closed ? undefined : start();
    prioritise(child, constants.priority.PRIORITY_NORMAL);
    child.ref();
    child.channel?.ref();
    return child;
  }

  async function perform(task: ReaderTask, options: ReaderRun): Promise<unknown> {
    options.signal.throwIfAborted();
    const child = take();
    const deadline = AbortSignal.timeout(options.timeoutSeconds * 1000);
    const kill = (): void => killReader(child);
    options.signal.addEventListener('abort', kill);
    deadline.addEventListener('abort', kill);
    try {
      return await answer(child, { ...task, resources, seconds: options.timeoutSeconds }, options);
    } catch (error) {
      options.signal.throwIfAborted();
      throw deadline.aborted ? options.onTimeout() : error;
    } finally {
      // It has answered, or never will.
      kill();
      options.signal.removeEventListener('abort', kill);
      deadline.removeEventListener('abort', kill);
    }
  }

  return {
    run: ((task: ReaderTask, options: ReaderRun) =>
      task.kind.endsWith('-load')
        ? heavy(() => perform(task, options))
        : perform(task, options)) as ReaderPool['run'],
    async close() {
      closed = true;
      const idle = spare;
      spare = undefined;
      if (idle?.exitCode !== null || idle.signalCode !== null) return;
      await new Promise((resolve) => {
        idle.ref();
        idle.once('exit', resolve);
        killReader(idle);
      });
    },
  };
}

/** Hands a process its job and waits for its last message and its end. */
function answer(
  child: ChildProcess,
  job: ReaderJob,
  { onRows, onSpent }: ReaderRun,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    child.on('message', (message: ReaderMessage) => {
      if ('rows' in message) onRows?.(message.rows);
      else if ('result' in message) {
        onSpent?.(message.used);
        resolve(message.result);
      } else reject(new SourceRefused(message.failure, message.evidence ?? {}));
    });
    child.once('error', (cause) => reject(died(null, { cause })));
    child.once('exit', (code, signal) => {
      const cause = Object.assign(new Error('the reader ended'), { code: signal ?? code });
      const end = (): void => reject(died(signal, { cause }));
      // Its last words may still be on their way.
      if (child.connected) child.once('disconnect', end);
      else end();
    });
    child.send(job, (cause) => {
      if (cause) reject(died(null, { cause }));
    });
  });
}

function died(signal: NodeJS.Signals | null, options?: ErrorOptions): Failure {
  if (signal === OVER_MEMORY) {
    return new Failure(
      'MEMORY_LIMIT',
      'Reading the source takes more memory than a reader may use.',
      'Select fewer rows or columns.',
      options,
    );
  }
  return new Failure(
    'READER_DIED',
    'The process that read the source ended before it was done.',
    'The file may be damaged, or the machine short of memory; it is tried again.',
    options,
  );
}
