import type { ChildProcess } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/**
 * Gives all of a process a priority, as nice(1) counts it. Linux may weigh the process's group as a
 * whole (autogroup), so that is told, too. Where the system does not allow a change (only root may
 * raise a priority), it stays as it was.
 */
export function prioritise({ pid }: ChildProcess, priority: number): void {
  if (pid === undefined) return;
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(priority), { flag: 'r+' });
  } catch {
    // Not every system has one.
  }
  for (const thread of threadsOf(pid)) {
    try {
      setPriority(thread, priority);
    } catch {
      // It has ended, or may not be raised: it only takes a little longer.
    }
  }
}

/** On Linux each thread has a priority of its own, those that compile and collect garbage included. */
function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [pid];
  }
}
