import { expect, it } from 'vitest';

import { profileJson } from '../../../activities/report/profile/data-profile.ts';
import { RunningMoments } from '../../../activities/report/profile/running-moments.ts';
import { RunningTextLengths } from '../../../activities/report/profile/text-lengths.ts';
import { createRandomState } from '../../../learning/random/random-state.ts';

it('has the same bits however the rows are cut', () => {
  const random = createRandomState(5);
  const values = Float64Array.from({ length: 3000 }, () => random.normal() * 1e6);
  const whole = new RunningMoments(3);
  whole.add(values);
  const cut = new RunningMoments(3);
  for (const [from, to] of [
    [0, 3],
    [3, 3],
    [3, 1500],
    [1500, 3000],
  ] as const) {
    cut.add(values.subarray(from, to));
  }
  expect(cut.moments()).toEqual(whole.moments());
});

it('counts zeros of both signs, and knows no spread of a single row', () => {
  const moments = new RunningMoments(2);
  moments.add(Float64Array.of(-0, 5));
  expect(moments.moments()).toEqual([
    { count: 1, mean: 0, std: NaN, min: -0, max: -0, zeros: 1 },
    { count: 1, mean: 5, std: NaN, min: 5, max: 5, zeros: 0 },
  ]);
});

it('measures texts in characters and words, across blocks', () => {
  const texts = ['two words', '', 'žluťoučký kůň 🐎', ' \t spaced  out \n'];
  const bytes = new TextEncoder().encode(texts.join(''));
  const ends = texts.map((_, i) => new TextEncoder().encode(texts.slice(0, i + 1).join('')).length);
  const lengths = new RunningTextLengths();
  lengths.add(bytes, Float64Array.of(0, ...ends.slice(0, 2)));
  lengths.add(bytes, Float64Array.from(ends.slice(1)));
  const { characters, words } = lengths.lengthsSoFar();
  expect(characters).toMatchObject({ count: 4, min: 0, max: 16, zeros: 1 });
  expect(characters.mean).toBe((9 + 0 + 15 + 16) / 4);
  expect(words).toMatchObject({ min: 0, max: 3 });
  expect(words.mean).toBe((2 + 0 + 3 + 2) / 4);
});

it('writes JSON without anything that is not a number', () => {
  const moments = new RunningMoments(1);
  moments.add(Float64Array.of(1e308));
  const profile = { rows: 1, classRows: [1, 0], features: moments.moments() };
  const text = JSON.stringify(profileJson(profile, { labels: ['a', 'b'], names: ['x'] }));
  expect(JSON.parse(text)).toEqual({
    rows: 1,
    class_count: 2,
    classes: [
      { label: 'a', rows: 1 },
      { label: 'b', rows: 0 },
    ],
    feature_count: 1,
    features: [{ name: 'x', count: 1, mean: 1e308, std: null, min: 1e308, max: 1e308, zeros: 0 }],
  });
});

it('lists a thousand columns of a wide table', () => {
  const moments = new RunningMoments(1500);
  moments.add(new Float64Array(1500));
  const profile = { rows: 1, classRows: [1], features: moments.moments() };
  const json = profileJson(profile, { labels: ['a'], names: [] });
  expect(json['feature_count']).toBe(1500);
  expect(json['features']).toHaveLength(1000);
});
