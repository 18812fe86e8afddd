import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { metricKeys } from '../../../platform/tracking/metric-keys.ts';

/** What a database that ignores case and accents makes of a name. */
const folded = (name: string) =>
  name.normalize('NFKD').replace(/\p{M}/gu, '').toUpperCase().toLowerCase();

describe('metricKeys', () => {
  it('leaves what is legal and makes the rest readable', () => {
    const labels = ['setosa', '0', '-1', '3.5', 'rot & grün', '50%', 'a/b:c', '猫', ' x '];
    expect([...metricKeys(labels).values()]).toEqual([
      'setosa',
      '0',
      '-1',
      '3.5',
      'rot_grün',
      '50',
      'a_b_c',
      '猫',
      'x',
    ]);
  });

  it('gives a hash to what has no letters, and to what is too long', () => {
    const keys = metricKeys(['😀', '', '%', 'x'.repeat(300)]);
    expect(keys.get('😀')).toMatch(/^[0-9a-f]{6}$/);
    expect(keys.get('')).toMatch(/^[0-9a-f]{6}$/);
    expect(keys.get('x'.repeat(300))).toMatch(/^x{73}_[0-9a-f]{6}$/);
    expect(new Set(keys.values()).size).toBe(4);
  });

  it('keeps the label that is legal as it is when others become like it', () => {
    const keys = metricKeys(['a b', 'a_b', 'a-b']);
    expect(keys.get('a_b')).toBe('a_b');
    expect(keys.get('a b')).toMatch(/^a_b_[0-9a-f]{6}$/);
    expect(keys.get('a-b')).toBe('a-b');
  });

  it('tells apart what a database may not: case and accents', () => {
    const keys = metricKeys(['Ja', 'ja', 'jä']);
    expect(new Set([...keys.values()].map(folded)).size).toBe(3);
  });

  it('does not depend on the order, nor on labels that are not alike', () => {
    const one = metricKeys(['a b', 'a&b', 'c']);
    const other = metricKeys(['d', 'a&b', 'a b']);
    expect(one.get('a b')).toBe(other.get('a b'));
    expect(one.get('a&b')).toBe(other.get('a&b'));
  });

  it('is legal and unique for any labels', () => {
    const label = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.string({ unit: 'binary', maxLength: 6 }),
      fc.constantFrom(
        'a',
        'A',
        'ä',
        'a_',
        '_a',
        'a b',
        'a__b',
        'ｆｕｌｌ',
        'ﬁ',
        'ß',
        'SS',
        'İ',
        'i',
        'ı',
      ),
      fc.string({ unit: fc.constantFrom('a', 'B', '_', ' ', '.'), maxLength: 120 }),
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(label, { maxLength: 40 }),
        fc.integer({ min: 20, max: 100 }),
        (labels, max) => {
          const keys = metricKeys(labels, max);
          expect([...keys.keys()]).toEqual(labels);
          for (const key of keys.values()) {
            expect(key).toMatch(/^[\p{L}\p{N}_.-]+$/u);
            expect(key).not.toMatch(/^\.|\.$/);
            expect(key.length).toBeLessThanOrEqual(max);
          }
          expect(new Set([...keys.values()].map(folded)).size).toBe(labels.length);
        },
      ),
      { numRuns: 300, seed: 42 },
    );
  });
});
