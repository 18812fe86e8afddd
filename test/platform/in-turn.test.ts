import { describe, expect, it } from 'vitest';

import { inTurn } from '../../platform/in-turn.ts';

describe('inTurn', () => {
  it('lets works of one key wait for each other, also after a failure, and no others', async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const events: string[] = [];
    const first = inTurn('a', async () => {
      events.push('first begins');
      await gate;
      events.push('first ends');
      throw new Error('broken');
    });
    const second = inTurn('a', async () => events.push('second'));
    await inTurn('b', async () => events.push('other'));
    open();
    await expect(first).rejects.toThrow('broken');
    await second;
    expect(events).toEqual(['first begins', 'other', 'first ends', 'second']);
  });
});
