import { describe, expect, it } from 'vitest';
import { fitTfidf, transformTfidf } from '../../../learning/tfidf/tfidf.ts';

describe('fitTfidf', () => {
  it('gives columns to words and pairs of words in code-point order', () => {
    const { model, distinctTerms, tiesAtCut } = fitTfidf(['aa b bb aa', 'aab aa']);
    expect(model.terms).toEqual(['aa', 'aa bb', 'aab', 'aab aa', 'bb', 'bb aa']);
    expect(distinctTerms).toBe(6);
    expect(tiesAtCut).toBe(0);
  });

  it('weighs terms by smoothed inverse document frequency and normalises rows', () => {
    const { model, matrix } = fitTfidf(['aa aa bb', 'aa']);
    expect(model.terms).toEqual(['aa', 'aa aa', 'aa bb', 'bb']);
    expect([...model.idf]).toEqual([1, Math.log(1.5) + 1, Math.log(1.5) + 1, Math.log(1.5) + 1]);
    const [first] = [matrix.values.subarray(0, 4)];
    expect(first.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 15);
    expect(first[0]! / first[3]!).toBeCloseTo(2 / (Math.log(1.5) + 1), 15);
    expect([...matrix.values.subarray(4)]).toEqual([1]);
  });

  it('keeps the most frequent terms, of ties the first by code point, and counts the ties', () => {
    const texts = ['dd', 'cc', 'bb', 'aa', 'zz', 'zz'];
    const { model, tiesAtCut, distinctTerms } = fitTfidf(texts, 3);
    expect(model.terms).toEqual(['aa', 'bb', 'zz']);
    expect(tiesAtCut).toBe(4);
    expect(distinctTerms).toBe(5);
    expect(fitTfidf(texts, 1).tiesAtCut).toBe(0);
    expect(fitTfidf(texts, 5).tiesAtCut).toBe(0);
  });

  it('keeps a pair whose words were cut', () => {
    const { model } = fitTfidf(['aa bb', 'cc aa bb cc', 'cc'], 2);
    expect(model.terms).toEqual(['aa', 'cc']);
    const pairs = fitTfidf(['yy zz yy zz', 'yy zz'], 2);
    expect(pairs.model.terms).toEqual(['yy', 'yy zz']);
    expect([...pairs.matrix.rowStarts]).toEqual([0, 2, 4]);
  });

  it('refuses texts without a word', () => {
    expect(() => fitTfidf(['a b', '', '!?'])).toThrow(
      expect.objectContaining({ reason: 'empty-vocabulary', detail: { documents: 3 } }),
    );
  });
});

describe('transformTfidf', () => {
  it('repeats the matrix of the fit from the model alone', () => {
    const texts = ['the cat sat', 'on the mat the cat', '', 'sat on it', 'Über\u{1f600}straße cat'];
    const { model, matrix } = fitTfidf(texts);
    expect(transformTfidf(structuredClone(model), texts)).toEqual(matrix);
  });

  it('leaves a text of unknown words all zero, and pairs across unknown words out', () => {
    const { model } = fitTfidf(['aa bb cc']);
    const { rowStarts, columnIndices } = transformTfidf(model, ['xx yy', 'aa xx bb', 'bb aa']);
    expect([...rowStarts]).toEqual([0, 0, 2, 4]);
    expect(Array.from(columnIndices, (column) => model.terms[column])).toEqual([
      'aa',
      'bb',
      'aa',
      'bb',
    ]);
  });
});
