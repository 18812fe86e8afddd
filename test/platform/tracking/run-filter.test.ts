import { describe, expect, it } from 'vitest';

import { tagEquals } from '../../../platform/tracking/run-filter.ts';

describe('tagEquals', () => {
  it('quotes tag and value', () => {
    expect(tagEquals('temporal.workflow_id', 'experiment-1')).toBe(
      "tags.`temporal.workflow_id` = 'experiment-1'",
    );
    expect(tagEquals('t', "it's")).toBe('tags.`t` = "it\'s"');
  });

  it.each(['\'"', 'a\\', "a\\' OR 1=1", 'a\nb', 'a\0'])(
    'refuses what it cannot quote: %j',
    (value) => {
      expect(() => tagEquals('t', value)).toThrow(
        expect.objectContaining({ code: 'INVALID_REQUEST' }),
      );
    },
  );
});
