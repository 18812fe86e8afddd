import { describe, expect, it } from 'vitest';

import { createMemoryBudget } from '../../../activities/compute/memory-budget.ts';

const never = new AbortController().signal;

/** Everything that can go on has gone on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A task that ends when it is told to. */
function task() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { use: () => promise, end: resolve };
}

describe('createMemoryBudget', () => {
  it('lets run together what fits, in the order of coming', async () => {
    const budget = createMemoryBudget(10);
    const order: string[] = [];
    const [first, second] = [task(), task()];
    const use = (name: string, until?: () => Promise<void>) => async () => {
      order.push(name);
      await until?.();
    };
    const running = [
      budget.with(6, never, use('six', first.use)),
      budget.with(4, never, use('four', second.use)),
      budget.with(8, never, use('eight')),
      // It would fit before, but the large one came first.
      budget.with(1, never, use('one')),
    ];
    await settled();
    expect(order).toEqual(['six', 'four']);
    second.end();
    await running[1];
    await settled();
    expect(order).toEqual(['six', 'four']);
    first.end();
    await Promise.all(running);
    expect(order).toEqual(['six', 'four', 'eight', 'one']);
  });

  it('refuses at once what could never fit', async () => {
    const budget = createMemoryBudget(2 ** 30);
    await expect(budget.with(3 * 2 ** 30, never, async () => 1)).rejects.toMatchObject({
      ...{ code: 'MEMORY_LIMIT', message: expect.stringContaining('3.0 GiB') as string },
    });
  });

  it('gives the bytes back after a failure', async () => {
    const budget = createMemoryBudget(10);
    const failing = budget.with(10, never, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(await budget.with(10, never, async () => 'yes')).toBe('yes');
  });

  it('lets go of one that is cancelled while it waits, and of those behind it', async () => {
    const budget = createMemoryBudget(10);
    const first = task();
    const cancel = new AbortController();
    const running = budget.with(6, never, first.use);
    const large = budget.with(10, cancel.signal, async () => 'large');
    const small = budget.with(4, never, async () => 'small');
    cancel.abort(new Error('cancelled'));
    await expect(large).rejects.toThrow('cancelled');
    expect(await small).toBe('small');
    first.end();
    await running;
    expect(await budget.with(10, never, async () => 'all')).toBe('all');
  });
});
