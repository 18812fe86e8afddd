/**
 * A thread in a reader process that ends it at once when the parent is gone (nobody would read its
 * answer) or when it uses far more memory than it may.
 */
import { parentPort } from 'node:worker_threads';

import { OVER_MEMORY } from './reader-signals.ts';

const EVERY = 250;
/** Beside what the job may allocate: the runtime, libraries and buffers. */
const OVERHEAD_BYTES = 768 << 20;

const parent = process.ppid;
let limit = Infinity;
parentPort?.on('message', (memoryBytes: number) => {
  limit = memoryBytes + OVERHEAD_BYTES;
});
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
  if (process.memoryUsage.rss() > limit) process.kill(process.pid, OVER_MEMORY);
}, EVERY);
