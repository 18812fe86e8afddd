import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { cutText, splitIntoBatches } from '../../../platform/tracking/run-data.ts';

describe('cutText', () => {
  it('leaves what fits, counted in characters and not in UTF-16 units', () => {
    expect(cutText('😀'.repeat(10), 10)).toBe('😀'.repeat(10));
  });

  it('cuts to the limit and says so', () => {
    const cut = cutText('😀'.repeat(7000), 6000);
    expect(Array.from(cut)).toHaveLength(6000);
    expect(cut).toMatch(/^(😀)+… \[cut, 7000 characters\]$/u);
  });
});

describe('splitIntoBatches', () => {
  it('needs one request for what fits into one', () => {
    expect(
      splitIntoBatches({
        metrics: [{ key: 'accuracy', value: 0.925, timestamp: 5 }],
        params: { model: 'logreg_tabular' },
        tags: { caller: 'eva' },
      }),
    ).toEqual([
      {
        tags: [{ key: 'caller', value: 'eva' }],
        params: [{ key: 'model', value: 'logreg_tabular' }],
        metrics: [{ key: 'accuracy', value: 0.925, timestamp: 5, step: 0 }],
      },
    ]);
  });

  it('needs none for nothing', () => {
    expect(splitIntoBatches({ params: {}, metrics: [] })).toEqual([]);
  });

  it('writes what JSON cannot hold as text', () => {
    const values = [NaN, Infinity, -Infinity, -0];
    const metrics = values.map((value, step) => ({ key: 'm', value, timestamp: 1, step }));
    const sent = splitIntoBatches({ metrics })[0]!.metrics;
    expect(sent.map(({ value }) => value)).toEqual(['NaN', 'Infinity', '-Infinity', -0]);
  });

  it('keeps order and every limit, and loses nothing', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 });
    const long = fc.tuple(text, fc.nat(400)).map(([part, times]) => part.repeat(times));
    const values = (max: number) =>
      fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), long, { maxKeys: max });
    fc.assert(
      fc.property(values(250), values(250), fc.nat(2500), (tags, params, count) => {
        const metrics = Array.from({ length: count }, (_, step) => ({
          key: 'loss',
          value: 1 / step,
          timestamp: step,
          step,
        }));
        const batches = splitIntoBatches({ tags, params, metrics });
        for (const batch of batches) {
          expect(batch.tags.length).toBeLessThanOrEqual(100);
          expect(batch.params.length).toBeLessThanOrEqual(100);
          const items = batch.tags.length + batch.params.length + batch.metrics.length;
          expect(items).toBeGreaterThan(0);
          expect(items).toBeLessThanOrEqual(1000);
          const request = JSON.stringify({ run_id: '0'.repeat(32), ...batch });
          expect(Buffer.byteLength(request)).toBeLessThanOrEqual(1_000_000);
        }
        const inOrder = batches.flatMap((batch) => [
          ...batch.tags.map(({ key }) => `t${key}`),
          ...batch.params.map(({ key }) => `p${key}`),
          ...batch.metrics.map(({ step }) => `m${step}`),
        ]);
        expect(inOrder).toEqual([
          ...Object.keys(tags).map((key) => `t${key}`),
          ...Object.keys(params).map((key) => `p${key}`),
          ...metrics.map(({ step }) => `m${step}`),
        ]);
      }),
      { numRuns: 30, seed: 42 },
    );
  });

  it('puts no more metrics of models into a request than MLflow takes twice', () => {
    const model = { id: 'm-1', dataset: { name: 'd', digest: 'x' } };
    const metrics = Array.from({ length: 450 }, (_, i) => ({
      ...{ key: `m${i}`, value: i, timestamp: 1 },
      ...(i % 2 === 0 && { model }),
    }));
    const batches = splitIntoBatches({ metrics, params: { C: '1' } });
    const counts = batches.map((batch) => batch.metrics.filter(({ model_id }) => model_id).length);
    expect(counts).toEqual([100, 100, 25]);
    expect(batches.flatMap((batch) => batch.metrics.map(({ key }) => key))).toEqual(
      metrics.map(({ key }) => key),
    );
    expect(batches[0]!.metrics[0]).toEqual({
      ...{ key: 'm0', value: 0, timestamp: 1, step: 0 },
      ...{ model_id: 'm-1', dataset_name: 'd', dataset_digest: 'x' },
    });
  });

  it('splits long values by bytes', () => {
    const params = Object.fromEntries(
      Array.from({ length: 90 }, (_, i) => [`p${i}`, '語'.repeat(6000)]),
    );
    const sizes = splitIntoBatches({ params }).map((batch) =>
      Buffer.byteLength(JSON.stringify(batch)),
    );
    expect(sizes.length).toBe(2);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_000_000);
  });
});
