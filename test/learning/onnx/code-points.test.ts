import { describe, expect, it } from 'vitest';

import { charactersLike, rangesOf } from '../../../learning/onnx/code-points.ts';

describe('charactersLike', () => {
  it('finds the characters of a pattern in ascending order, beyond U+FFFF too', () => {
    expect(charactersLike(/[z\u{10400}a]/u)).toEqual(['a', 'z', '\u{10400}']);
  });

  it('answers a pattern the same way again, and another pattern differently', () => {
    expect(charactersLike(/[ab]/u)).toEqual(charactersLike(/[ab]/u));
    expect(charactersLike(/[bc]/u)).toEqual(['b', 'c']);
  });

  it('finds every letter that lower-casing changes by the property that names them', () => {
    const changed = Array.from({ length: 0x110000 }, (_, point) =>
      String.fromCodePoint(point),
    ).filter((character) => character.toLowerCase() !== character);
    expect(charactersLike(/\p{Changes_When_Lowercased}/u)).toEqual(changed);
  });
});

describe('rangesOf', () => {
  it('joins neighbours and escapes every character', () => {
    expect(rangesOf(['-', '[', '\\', ']', '\u{1f600}'])).toBe(
      '\\x{2d}-\\x{2d}\\x{5b}-\\x{5d}\\x{1f600}-\\x{1f600}',
    );
  });

  it('is empty for nothing', () => {
    expect(rangesOf([])).toBe('');
  });
});
