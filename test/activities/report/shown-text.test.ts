import { describe, expect, it } from 'vitest';

import { escapeHtml, escapeMarkdown } from '../../../activities/report/text/markup.ts';
import { brief, quoted, shownText } from '../../../activities/report/text/shown-text.ts';
import { shorten, textWidth } from '../../../activities/report/text/text-width.ts';

describe('shownText', () => {
  it('spells what cannot be seen, and keeps what a script needs', () => {
    expect(shownText('a\nb\tc\u0000')).toBe('a\\nb\\tc\\u0000');
    expect(shownText('pay\u202eexe.txt\u2066')).toBe('pay\\u202eexe.txt\\u2066');
    expect(shownText('👩‍👧 می‌خواهم é')).toBe('👩‍👧 می‌خواهم é');
  });

  it('names what would be nothing, and bounds what would be all', () => {
    expect(shownText('')).toBe('(empty)');
    expect(shownText('   ')).toBe('(blank)');
    expect(shownText('x'.repeat(5000))).toHaveLength(1000);
    expect(brief(`${'x'.repeat(58)}😀😀`).isWellFormed()).toBe(true);
  });

  it('leaves no tower of marks on a letter', () => {
    expect(shownText(`z${'\u0301'.repeat(3000)}!`)).toBe(`z${'\u0301'.repeat(5)}…`);
    expect(shownText(`z${'\u0301'.repeat(30)}!`)).toBe(`z${'\u0301'.repeat(5)}!`);
  });

  it('is well-formed for any text', () => {
    expect(shownText('\ud800a\udc00').isWellFormed()).toBe(true);
    expect(shownText(`${'a'.repeat(998)}😀😀`).isWellFormed()).toBe(true);
  });

  it('isolates a name from right to left within a sentence', () => {
    expect(quoted('plain')).toBe('“plain”');
    expect(quoted('سلام')).toBe('“\u2068سلام\u2069”');
  });
});

describe('shorten', () => {
  it('keeps what fits, and both ends of what does not', () => {
    expect(shorten('feature_1', 200, 12)).toBe('feature_1');
    const short = shorten('mean_of_the_first_measurement_in_millimetres', 120, 12);
    expect(short).toMatch(/^mean.+….+res$/);
    expect(textWidth(short, 12)).toBeLessThanOrEqual(120);
  });

  it('cuts between characters as a reader sees them', () => {
    const family = '👩‍👩‍👧‍👦';
    const short = shorten(family.repeat(30), 100, 12);
    expect(short.replaceAll(family, '').trim()).toBe('…');
  });

  it('reckons with wide characters', () => {
    expect(textWidth('漢字', 12)).toBeGreaterThan(textWidth('il', 12) * 2);
  });
});

describe('escaping', () => {
  it('leaves no markup in HTML', () => {
    expect(escapeHtml(`<a b="c" d='e'>&`)).toBe('&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;');
  });

  it('leaves no link, tag, cell, code or emphasis in Markdown, and names readable', () => {
    expect(escapeMarkdown('feature_1 of train.csv (0.925)')).toBe('feature_1 of train.csv (0.925)');
    expect(escapeMarkdown('[x](y) `z` a|b <i> *b* _c_ ~d~ &lt;')).toBe(
      '\\[x\\](y) \\`z\\` a\\|b \\<i> \\*b\\* \\_c\\_ \\~d\\~ \\&lt;',
    );
    expect(escapeMarkdown('http://a www.b c@d')).toBe('http\\://a www\\.b c\\@d');
  });
});
