import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ratedExperiments } from '../../../server/limits/rated-experiments.ts';
import { createRate } from '../../../server/limits/rate.ts';
import { openCaller } from '../../../schemas/caller.ts';
import { createDoors } from '../fake-experiments.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a rate', () => {
  it('lets ten seconds’ worth pass at once, then says when to come again', async () => {
    const rate = createRate(2);
    for (let i = 0; i < 20; i++) expect(await rate.take('a')).toBe(0);
    expect(await rate.take('a')).toBe(10);
    vi.advanceTimersByTime(7_500);
    expect(await rate.take('a')).toBe(3);
    vi.advanceTimersByTime(2_500);
    expect(await rate.take('a')).toBe(0);
  });

  it('counts each key by itself, and dear things more', async () => {
    const rate = createRate(1);
    expect(await rate.take('a', 10)).toBe(0);
    expect(await rate.take('a')).toBeGreaterThan(0);
    expect(await rate.take('b')).toBe(0);
  });

  it('keeps nothing of a key when its time is over', async () => {
    const rate = createRate(1);
    for (let i = 0; i < 1000; i++) await rate.take(`address ${i}`);
    expect(vi.getTimerCount()).toBe(1000);
    vi.advanceTimersByTime(10_000);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('what a caller may do', () => {
  const { options } = createDoors();
  const asked = { run_id: 'r', reason: 'x', wait_seconds: 0 };
  const experiments = options.experimentsOf();

  it('is one measure for all that it does', async () => {
    const mine = ratedExperiments(experiments, openCaller('mine'), createRate(2));
    await mine.retry(asked, 'mine');
    await mine.cancel(asked, 'mine');
    await expect(mine.retry(asked, 'mine')).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterSeconds: 10,
    });
  });

  it('is nothing to other callers, nor to the same name in another tenant', async () => {
    const rate = createRate(1);
    const callers = [openCaller('a'), openCaller('b'), { ...openCaller('a'), tenant: 'acme' }];
    for (const caller of callers) {
      const theirs = ratedExperiments(experiments, caller, rate);
      await theirs.cancel(asked, 'a');
      for (let i = 0; i < 9; i++) await theirs.cancel(asked, 'a');
      await expect(theirs.cancel(asked, 'a')).rejects.toThrow(/more requests/);
    }
  });

  it('lets whoever has started a run wait for it', async () => {
    const mine = ratedExperiments(experiments, openCaller('mine'), createRate(1));
    await mine.retry(asked, 'mine');
    const { signal } = new AbortController();
    const wait = mine.wait('experiment-1', { seconds: 1, signal });
    await expect(wait).resolves.toMatchObject({ status: 'FINISHED' });
  });
});
