import { MessageChannel } from 'node:worker_threads';

import { Piscina } from 'piscina';

import type { ComputeLoad } from '../../platform/metrics/saturation-metrics.ts';
import { Failure } from '../../schemas/failure.ts';
import type { MemoryBudget } from './memory-budget.ts';
import type { News, Task, Tasks, Tell } from './tasks.ts';

export interface RunOptions {
  readonly signal: AbortSignal;
  /** What it will take at most, see memory-estimates.ts. */
  readonly memoryBytes: number;
  readonly onNews?: Tell;
  /** Told at the end. */
  readonly onSpent?: (spent: { cpuSeconds: number }) => void;
}

/**
 * Threads for the numeric work, so that the worker's own thread keeps sending heartbeats and polling
 * Temporal. A task that is aborted takes its thread down with it: numeric loops can't be interrupted.
 */
export interface ComputePool {
  /** @throws Failure as the task threw it, or the abort's reason */
  run<Name extends Task>(
    task: Name,
    input: Tasks[Name]['input'],
    options: RunOptions,
  ): Promise<Tasks[Name]['output']>;
  /** @throws Failure MEMORY_LIMIT as run() does, for a task that takes so much */
  checkMemory(bytes: number): void;
  /** How busy it is now. */
  load(): ComputeLoad;
  close(): Promise<void>;
}

/** A failure on its way between threads, where errors lose their class. */
export interface CarriedFailure {
  readonly failure: {
    readonly code: Failure['code'];
    readonly message: string;
    readonly hint: string;
  };
}

/** A task that is aborted may end by itself for so long; then its thread is ended. */
const STOPS_WITHIN_MS = 2000;

export function createComputePool(threads: number, memory: MemoryBudget): ComputePool {
  const pool = new Piscina({
    filename: new URL('./compute-thread.ts', import.meta.url).href,
    minThreads: 1,
    maxThreads: threads,
    idleTimeout: 60_000,
    execArgv: [],
    // A thread inherits no settings: it computes, and reads the files that it is told to.
    env: {},
  });
  let inThreads = 0;
  return {
    async run(task, input, { signal, memoryBytes, onNews, onSpent }) {
      const { port1, port2 } = new MessageChannel();
      const stop = new Int32Array(new SharedArrayBuffer(4));
      const end = new AbortController();
      const onAbort = (): void => {
        Atomics.store(stop, 0, 1);
        setTimeout(() => end.abort(signal.reason), STOPS_WITHIN_MS).unref();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      port1.on('message', (news: News) => onNews?.(news));
      port1.unref();
      try {
        const answer = (await memory.with(memoryBytes, signal, (): Promise<unknown> => {
          inThreads += 1;
          return pool
            .run(
              { task, input, progress: port2, stop },
              { signal: end.signal, transferList: [port2] },
            )
            .finally(() => (inThreads -= 1));
        })) as { output: Tasks[typeof task]['output']; cpuSeconds: number } | CarriedFailure;
        if ('failure' in answer) {
          const { code, message, hint } = answer.failure;
          throw new Failure(code, message, hint);
        }
        onSpent?.({ cpuSeconds: answer.cpuSeconds });
        return answer.output;
      } catch (error) {
        signal.throwIfAborted();
        throw error;
      } finally {
        signal.removeEventListener('abort', onAbort);
        port1.close();
      }
    },
    checkMemory: (bytes) => memory.check(bytes),
    load() {
      const { used, total, waiting } = memory.load();
      // Tasks that no thread has taken yet.
      const { queueSize } = pool;
      return {
        threadsBusy: Math.min(threads, inThreads - queueSize),
        threads,
        waiting: waiting + queueSize,
        memoryUsed: used,
        memory: total,
      };
    },
    close: () => pool.destroy(),
  };
}
