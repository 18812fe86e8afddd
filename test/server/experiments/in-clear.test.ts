import { expect, it } from 'vitest';

import { inClear } from '../../../server/experiments/in-clear.ts';

it('keeps a caller’s name and words from where Temporal encrypts nothing', () => {
  const secret = ['key of canary', 'because of canary'] as const;
  expect(JSON.stringify(inClear({ encrypting: true }, ...secret))).not.toContain('canary');
  expect(inClear({ encrypting: true }, 'ci', undefined).why).toBeUndefined();
  expect(inClear({ encrypting: false }, ...secret)).toEqual({ who: secret[0], why: secret[1] });
});
