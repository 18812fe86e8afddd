import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Recorded } from '../../../platform/audit/new-event.ts';
import { openCaller } from '../../../schemas/caller.ts';
import { createRefusals } from '../../../server/audit/refusals.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function started() {
  const events: Recorded[] = [];
  const broken = { is: false };
  const refusals = createRefusals({
    log: {
      async record(...recorded) {
        if (broken.is) throw new Error('away');
        events.push(...recorded);
      },
    },
    logger: pino({ level: 'silent' }),
  });
  const fields = () => events.map((event) => event.fields as Record<string, unknown>);
  return { refusals, events, fields, broken };
}

describe('refusals', () => {
  it('of a flood are the first at once, and one event in ten seconds', async () => {
    const { refusals, events, fields } = started();
    const began = new Date().toISOString();
    for (let i = 0; i < 1000; i += 1) {
      refusals.add({ code: 'UNAUTHENTICATED', address: `10.0.0.${i % 7}` });
    }
    await vi.advanceTimersByTimeAsync(0);
    expect(fields()).toEqual([
      { 'error.type': 'UNAUTHENTICATED', count: 1, since: began, addresses: 1 },
    ]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(fields().slice(1)).toMatchObject([{ count: 999, since: began, addresses: 7 }]);
    expect(events.map(({ chain }) => chain)).toEqual(['~service', '~service']);
    // Nothing more has come: the next is the first of its kind again.
    await vi.advanceTimersByTimeAsync(60_000);
    refusals.add({ code: 'UNAUTHENTICATED' });
    await vi.advanceTimersByTimeAsync(0);
    expect(fields().slice(2)).toMatchObject([{ count: 1, addresses: 0 }]);
  });

  it('are counted apart by code and tenant, and name a caller who was the only one', async () => {
    const { refusals, events } = started();
    const caller = (tenant: string, subject: string) => ({ ...openCaller(subject), tenant });
    refusals.add({ code: 'RATE_LIMITED', caller: caller('acme', 'ann') });
    refusals.add({ code: 'RATE_LIMITED', caller: caller('acme', 'bob') });
    refusals.add({ code: 'RATE_LIMITED', caller: caller('acme', 'ann') });
    refusals.add({ code: 'RATE_LIMITED', caller: caller('blue', 'eve') });
    refusals.add({ code: 'HOST_NOT_ALLOWED' });
    await refusals.close();
    expect(
      events.map(({ chain, fields }) => {
        const { count, 'user.id': user } = fields as { count: number; 'user.id'?: string };
        return [chain, count, user];
      }),
    ).toEqual([
      ['acme', 1, 'ann'],
      ['blue', 1, 'eve'],
      ['~service', 1, undefined],
      ['acme', 2, undefined],
    ]);
  });

  it('that can’t be written are written later, all of them', async () => {
    const { refusals, fields, broken } = started();
    broken.is = true;
    refusals.add({ code: 'RATE_LIMITED', address: 'a' });
    await vi.advanceTimersByTimeAsync(5000);
    refusals.add({ code: 'RATE_LIMITED', address: 'b' });
    await vi.advanceTimersByTimeAsync(5000);
    expect(fields()).toEqual([]);
    broken.is = false;
    await refusals.close();
    expect(fields()).toMatchObject([{ count: 2, addresses: 2 }]);
  });
});
