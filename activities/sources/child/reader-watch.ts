/**
 * A thread in a reader process that ends it at once when the parent is gone (nobody would read its
 * answer), when it uses far more memory than it may, or when its time is over and the parent, whose
 * business that is, does not see to it.
 */
import { parentPort } from 'node:worker_threads';

import { OVER_MEMORY } from './reader-signals.ts';

/** Milliseconds between two looks: nothing grows in a process that waits for its job. */
const EVERY = { waiting: 250, working: 50 };
/** Beside what the job may allocate: the runtime, libraries and buffers. */
const OVERHEAD_BYTES = 768 << 20;
/** For the parent to be first. */
const GRACE_SECONDS = 5;

export interface WatchedJob {
  readonly memoryBytes: number;
  readonly seconds: number;
}

const parent = process.ppid;

function look(limit: number, deadline: number): void {
  if (process.ppid !== parent || performance.now() > deadline) process.kill(process.pid, 'SIGKILL');
  if (process.memoryUsage.rss() > limit) process.kill(process.pid, OVER_MEMORY);
}

const waiting = setInterval(look, EVERY.waiting, Infinity, Infinity);
parentPort?.once('message', ({ memoryBytes, seconds }: WatchedJob) => {
  clearInterval(waiting);
  const deadline = performance.now() + 1000 * (seconds + GRACE_SECONDS);
  setInterval(look, EVERY.working, memoryBytes + OVERHEAD_BYTES, deadline);
});
