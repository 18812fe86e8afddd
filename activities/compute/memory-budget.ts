import { totalmem } from 'node:os';

import { Failure } from '../../schemas/failure.ts';

/**
 * Memory that tasks may take together. Typed arrays count toward no limit of V8's, so a task says
 * before it starts how much it will take, and waits until the others leave that much.
 */
export interface MemoryBudget {
  /** @throws Failure MEMORY_LIMIT for what could never fit */
  check(bytes: number): void;
  /**
   * Waits for its turn (first come, first served), runs `use`, and gives the bytes back.
   * @throws Failure MEMORY_LIMIT at once when it could never fit; the signal's reason while it waits
   */
  with<T>(bytes: number, signal: AbortSignal, use: () => Promise<T>): Promise<T>;
  /** Bytes in use and in all, and how many tasks wait for some. */
  load(): { readonly used: number; readonly total: number; readonly waiting: number };
}

/** Of the machine's memory, or the container's, what is left to tasks: the rest is for everything else. */
export const standardMemoryBytes = (): number => {
  const constrained = process.constrainedMemory();
  const machine = totalmem();
  return Math.floor(0.7 * (constrained > 0 ? Math.min(constrained, machine) : machine));
};

export function createMemoryBudget(totalBytes: number): MemoryBudget {
  let free = totalBytes;
  const waiting: { readonly bytes: number; readonly start: () => void }[] = [];

  function startNext(): void {
    for (let next = waiting[0]; next && next.bytes <= free; next = waiting[0]) {
      waiting.shift();
      free -= next.bytes;
      next.start();
    }
  }

  async function turn(bytes: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    let entry: (typeof waiting)[number] | undefined;
    const cancelled = new Promise<never>((_, reject) => {
      const give = (): void => {
        const at = entry ? waiting.indexOf(entry) : -1;
        if (at === -1) return;
        waiting.splice(at, 1);
        // A small task may have stood behind it.
        startNext();
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', give, { once: true });
    });
    const started = new Promise<void>((resolve) => {
      entry = { bytes, start: resolve };
      waiting.push(entry);
    });
    startNext();
    await Promise.race([started, cancelled]);
  }

  function check(bytes: number): void {
    if (bytes > totalBytes) throw tooLarge(bytes, totalBytes);
  }

  return {
    check,
    load: () => ({ used: totalBytes - free, total: totalBytes, waiting: waiting.length }),
    async with(bytes, signal, use) {
      check(bytes);
      await turn(bytes, signal);
      try {
        return await use();
      } finally {
        free += bytes;
        startNext();
      }
    },
  };
}

function tooLarge(bytes: number, totalBytes: number): Failure {
  const gibibytes = (count: number): string => `${(count / 2 ** 30).toFixed(1)} GiB`;
  return new Failure(
    'MEMORY_LIMIT',
    `This step needs about ${gibibytes(bytes)} of memory; the worker gives its steps ${gibibytes(totalBytes)}.`,
    'Select fewer rows or columns, or have the operator raise WORKER_MEMORY_BYTES on a larger machine.',
  );
}
