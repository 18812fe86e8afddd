import { randomUUID } from 'node:crypto';

import { countTokens } from 'gpt-tokenizer';
import { expect, it } from 'vitest';

import { createRoom, tokensOf } from '../../../server/experiments/bounded-values.ts';

it.each([
  ['ids', [randomUUID(), randomUUID().replaceAll('-', ''), `experiment-${randomUUID()}`]],
  ['numbers', Array.from({ length: 50 }, (_, i) => Math.sin(i + 1))],
  ['prose', 'Looks at a source before it is run: columns, types, missing values and classes.'],
  ['times and states', { started_at: '2026-11-22T12:00:00.000Z', status: 'FINISHED', attempts: 1 }],
  ['other scripts', ['регион продаж', '地域別売上', 'عميل', '🙂🙃🏔️']],
  ['names of columns', { mean_radius: 'f1, f2', customerLifetimeValue: null, 'log(x+1)': 2 }],
])('the tokens of %s are estimated, rather too high', (_what, value) => {
  const real = countTokens(JSON.stringify(value));
  expect(tokensOf(value)).toBeGreaterThanOrEqual(0.9 * real);
  expect(tokensOf(value)).toBeLessThanOrEqual(2.5 * real);
});

it('rows go into a room as long as it lasts', () => {
  const room = createRoom(10);
  expect(room.fitting(['a b', 'c '.repeat(50), 'd'])).toEqual(['a b', 'd']);
  expect(room.exceeded).toBe(true);
});
