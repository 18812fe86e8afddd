import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { plainText, plainTexts } from '../../platform/plain-text.ts';

describe('a text from the data', () => {
  it.each([
    ['line\nbreak\r\t\0', 'line\\nbreak\\r\\t\\u0000'],
    ['pay\u202eexe.txt\u2066\u2069', 'pay\\u202eexe.txt\\u2066\\u2069'],
    ['zero\u200bwidth\ufeff', 'zero\\u200bwidth\\ufeff'],
    // Invisible to people, and read by models.
    ['ok\u{e0069}\u{e0067}\u{e006e}', 'ok\\u{e0069}\\u{e0067}\\u{e006e}'],
    ['\u{e0101}', '\\u{e0101}'],
    ['a\ud800b', 'a\ufffdb'],
    ['\u001b[31mred', '\\u001b[31mred'],
    ['👩‍👧 می‌خواهم é “quoted”', '👩‍👧 می‌خواهم é “quoted”'],
  ])('%j is shown as %j', (text, shown) => {
    expect(plainText(text)).toBe(shown);
  });

  it('never holds anything unseen, and stays as it is the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = plainText(text);
        // eslint-disable-next-line no-control-regex
        expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
        expect(plainText(shown)).toBe(shown);
      }),
    );
  });
});

it('reaches every text and key of an answer, and nothing else', () => {
  const answer = { 'a\u202e': ['x\n', { y: '\u200b', n: 1.5, none: null, yes: true }] };
  expect(plainTexts(answer)).toEqual({
    'a\\u202e': ['x\\n', { y: '\\u200b', n: 1.5, none: null, yes: true }],
  });
});
