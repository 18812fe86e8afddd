import fc from 'fast-check';
import { expect, it } from 'vitest';

import { lossCurve } from '../../../activities/report/curves/loss-curve.ts';
import { thinCurve } from '../../../activities/report/curves/thin-curve.ts';
import { distanceToCurve } from './distance-to-curve.ts';

/** Steps of a random walk through the unit square: x never falls, y does as it likes. */
const walk = fc
  .array(
    fc.tuple(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: -1, max: 1, noNaN: true }),
    ),
    {
      minLength: 2,
      maxLength: 300,
    },
  )
  .map((steps) => {
    const x = new Float64Array(steps.length);
    const y = new Float64Array(steps.length);
    steps.forEach(([dx, dy], i) => {
      x[i] = Math.min(1, (x[i - 1] ?? 0) + (dx > 0.5 ? dx / 40 : 0));
      y[i] = Math.min(1, Math.max(0, (y[i - 1] ?? 0.5) + (Math.abs(dy) > 0.6 ? dy / 10 : 0)));
    });
    return { x, y };
  });

it('stays within its limit and within its word of every point', () => {
  fc.assert(
    fc.property(walk, fc.integer({ min: 2, max: 60 }), ({ x, y }, limit) => {
      const { kept, tolerance } = thinCurve(x, y, limit);
      expect(kept.length).toBeLessThanOrEqual(Math.max(limit, 2));
      expect(kept[0]).toBe(0);
      expect(kept.at(-1)).toBe(x.length - 1);
      expect(kept).toEqual(kept.toSorted());
      const line = { x: Array.from(kept, (at) => x[at]!), y: Array.from(kept, (at) => y[at]!) };
      x.forEach((value, at) => {
        expect(distanceToCurve(line, value, y[at]!)).toBeLessThanOrEqual(2 * tolerance + 1e-9);
      });
    }),
    { numRuns: 300 },
  );
});

it('keeps the corners of a staircase of two million points', () => {
  const points = 2_000_000;
  const x = new Float64Array(points);
  const y = new Float64Array(points);
  // Four straight parts: up, across, up, across.
  for (let i = 0; i < points; i++) {
    const at = (4 * i) / (points - 1);
    x[i] = at <= 1 ? 0 : at <= 2 ? (at - 1) / 2 : at <= 3 ? 0.5 : (at - 2) / 2;
    y[i] = at <= 1 ? at / 2 : at <= 2 ? 0.5 : at <= 3 ? (at - 1) / 2 : 1;
  }
  const { kept, tolerance } = thinCurve(x, y, 300);
  expect(kept.length).toBeLessThan(12);
  for (const [cx, cy] of [
    [0, 0.5],
    [0.5, 0.5],
    [0.5, 1],
  ] as const) {
    const near = Array.from(kept, (at) => Math.hypot(x[at]! - cx, y[at]! - cy));
    expect(Math.min(...near)).toBeLessThanOrEqual(2 * tolerance);
  }
});

it('keeps a short curve whole, and a long training’s loss at a few hundred points', () => {
  expect(thinCurve(Float64Array.of(0, 0.5, 1), Float64Array.of(0, 0.5, 1), 3)).toEqual({
    kept: Int32Array.of(0, 1, 2),
    tolerance: 0,
  });
  const loss = Array.from({ length: 5000 }, (_, i) => ({ iteration: i, loss: 1 / (1 + i) + 0.2 }));
  const thin = lossCurve(loss);
  expect(thin.length).toBeLessThanOrEqual(300);
  expect([thin[0], thin.at(-1)]).toEqual([loss[0], loss.at(-1)]);
});
