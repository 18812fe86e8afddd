import type { MessagePort } from 'node:worker_threads';

import { LearningError } from '../../learning/learning-error.ts';
import type { Failure } from '../../schemas/failure.ts';
import { toFailure } from '../failures.ts';
import type { CarriedFailure } from './compute-pool.ts';
import { learningFailure } from './learning-failures.ts';
import { releaseMemory } from './release-memory.ts';
import { TASKS, type ResultPaths, type Task } from './tasks.ts';

interface Job {
  readonly task: Task;
  readonly input: never;
  readonly progress: MessagePort;
  /** [1] set when nobody wants the answer any more. */
  readonly stop: Int32Array;
}

/** Runs one task in this thread; what piscina calls. An unknown error goes back as it is, for the log. */
export default async function runTask({ task, input, progress, stop }: Job): Promise<unknown> {
  try {
    const before = process.threadCpuUsage();
    const output = await TASKS[task](input, (news) => {
      // Ending a thread that has threads of its own is rough: it goes between two iterations.
      if (Atomics.load(stop, 0) === 1) throw new Error('The task was aborted.');
      progress.postMessage(news);
    });
    const { user, system } = process.threadCpuUsage(before);
    const { helperSeconds = 0 } = output as { helperSeconds?: number };
    return { output, cpuSeconds: (user + system) / 1e6 + helperSeconds };
  } catch (error) {
    const known = error instanceof LearningError ? learningFailure(error) : toFailure(error);
    if (known.code === 'INTERNAL') throw error;
    return carried(known);
  } finally {
    progress.close();
    await releaseMemory(datasetOf(input));
  }
}

function datasetOf(input: { datasetPath: string } | { paths: ResultPaths }): string {
  return 'paths' in input ? input.paths.dataset : input.datasetPath;
}

function carried({ code, message, hint }: Failure): CarriedFailure {
  return { failure: { code, message, hint } };
}
