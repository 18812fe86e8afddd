import { threadId } from 'node:worker_threads';

import type { Work } from '../../../learning/parallel/crew.ts';

export const PARTS = [5, 9] as const;

export interface Record {
  /** [phases x 9] how often each part was done. */
  readonly times: Int32Array;
  /** [2] parts done by the thread that owns the crew, and by others. */
  readonly doers: Int32Array;
  readonly owner: number;
  readonly failing?: boolean;
}

/** Work that records who did which part; the owner's first part waits until another thread has done one. */
export function createWork({ times, doers, owner, failing }: Record): Work {
  const isOwner = threadId === owner;
  return {
    phases: PARTS,
    perform(phase, part) {
      if (failing && !isOwner) throw new Error('this thread fails');
      if (isOwner && !failing && Atomics.load(doers, 1) === 0) Atomics.wait(doers, 1, 0);
      if (isOwner && failing) Atomics.wait(doers, 1, 0, 5);
      Atomics.add(times, phase * 9 + part, 1);
      Atomics.add(doers, isOwner ? 0 : 1, 1);
      Atomics.notify(doers, 1);
    },
  };
}
