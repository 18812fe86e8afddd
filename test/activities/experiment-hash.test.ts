import { describe, expect, it } from 'vitest';

import { experimentHash } from '../../activities/experiment-hash.ts';
import type { ExperimentInput } from '../../schemas/experiment.ts';
import { runExperimentSchema } from '../../schemas/request.ts';

const by = { dataset: 'd', codeVersion: '1' };

function input(request: string): ExperimentInput {
  const { model, source, params } = runExperimentSchema.parse(JSON.parse(request));
  return { model, source, params } as ExperimentInput;
}

const plain =
  '{"experiment_name":"e","source":{"kind":"file","path":"a.csv","features":["x","y"],"target":"t"},"params":{"C":1,"tol":0.0001}}';

describe('experimentHash', () => {
  it('is equal whatever the order of keys and the form of numbers', () => {
    const other =
      '{"params":{"tol":1e-4,"C":1.0},"source":{"target":"t","features":["x","y"],"path":"a.csv","kind":"file","format":"csv"},"model":"logreg_tabular","experiment_name":"e"}';
    expect(experimentHash(input(other), by)).toBe(experimentHash(input(plain), by));
  });

  it('does not depend on where the bytes lie or what the run is called', () => {
    const moved = plain.replace('a.csv', 'b/c.csv').replace('"e"', '"other"');
    expect(experimentHash(input(moved), by)).toBe(experimentHash(input(plain), by));
  });

  it.each([
    ['features', plain.replace('["x","y"]', '["x"]')],
    ['their order', plain.replace('["x","y"]', '["y","x"]')],
    ['all features', plain.replace('"features":["x","y"],', '')],
    ['target', plain.replace('"t"', '"u"')],
    ['C', plain.replace('"C":1', '"C":2')],
    ['format', plain.replace('"a.csv"', '"a.csv","format":"parquet"')],
    ['model', plain.replace('{"experiment', '{"model":"logreg_text","experiment')],
  ])('changes with %s', (_, changed) => {
    expect(changed).not.toBe(plain);
    expect(experimentHash(input(changed), by)).not.toBe(experimentHash(input(plain), by));
  });

  it('changes with the data and the code', () => {
    const hash = experimentHash(input(plain), by);
    expect(experimentHash(input(plain), { ...by, dataset: 'e' })).not.toBe(hash);
    expect(experimentHash(input(plain), { ...by, codeVersion: '2' })).not.toBe(hash);
  });
});
