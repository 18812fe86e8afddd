import { describe, expect, it } from 'vitest';

import type { ExperimentInput } from '../../../schemas/experiment.ts';
import { compareRecords } from '../../../server/reproduction/compare-records.ts';
import { rerunInput } from '../../../server/reproduction/start-rerun.ts';
import type { RunRecord } from '../../../server/reproduction/run-record.ts';
import { versionRemarks } from '../../../server/reproduction/version-remarks.ts';

const blob = (name: string) => ({ key: `runs/x/${name}`, sha256: name, bytes: 1 });
const request: ExperimentInput = {
  experimentName: 'e',
  model: 'logreg_tabular',
  source: { kind: 'file', path: 'train.csv', format: 'csv', target: 'y' },
  params: { C: 1, max_iter: 1000, tol: 1e-4, test_size: 0.2, seed: 42 },
  limits: {},
  trackingUri: null,
  caller: 'alice',
};

interface Results {
  readonly data?: string;
  readonly split?: string;
  readonly model?: string;
  readonly iterations?: number;
  readonly predictions?: string;
  readonly metrics?: Readonly<Record<string, number>>;
}

function finished(results: Results = {}): RunRecord {
  const { data = 'd', split = 's', model = 'm', predictions = 'p', iterations = 7 } = results;
  return {
    workflowId: 'experiment-1',
    request,
    opened: { runId: 'abc', experimentId: '1' },
    reusedRun: undefined,
    dataset: {
      ...{ blob: blob(data), task: 'tabular', rows: 9, columns: [], target: 'y' },
      ...{ classCount: 2, classes: [], labelType: 'int', sourceSha256: 'f' },
    },
    split: { blob: blob(split), trainRows: 7, testRows: 2, warnings: [] },
    model: {
      ...{ blob: blob(model), iterations, converged: true, loss: 0.1 },
      ...{ featureCount: 3, warnings: [] },
    },
    evaluation: {
      predictions: blob(predictions),
      metrics: results.metrics ?? { accuracy: 0.9, log_loss: 0.25 },
    },
    end: { status: 'FINISHED' },
  };
}

/** A run that came as far as its data. */
function failed(
  code: 'MISSING_VALUES' | 'DATA_CHANGED' | 'FILE_NOT_FOUND',
  step: string,
): RunRecord {
  const failure = { code, step, message: 'Because.', hint: 'Do something.' };
  const none = { dataset: undefined, split: undefined, model: undefined, evaluation: undefined };
  return { ...finished(), ...none, end: { status: 'FAILED', failure } };
}

describe('a rerun beside its original', () => {
  it('is bit-identical when nothing differs', () => {
    expect(compareRecords(finished(), finished())).toMatchObject({
      ...{ verdict: 'bit-identical', step: null },
      reason: 'Data, split, model, predictions and all 2 metrics are the same to the bit.',
    });
  });

  it.each([
    ['another model', { model: 'm2' }, 'train'],
    ['other predictions', { predictions: 'p2' }, 'evaluate'],
    ['more iterations', { iterations: 8, model: 'm2' }, 'train'],
    [
      'a metric in its last bit',
      { metrics: { accuracy: 0.9, log_loss: 0.25 + 2 ** -54 } },
      'evaluate',
    ],
  ])('is equal with %s', (_, results, step) => {
    expect(compareRecords(finished(), finished(results))).toMatchObject({ verdict: 'equal', step });
  });

  it.each([
    ['other data', { data: 'd2', model: 'm2' }, 'load', 'data SHA-256 was d and is d2'],
    [
      'another split',
      { split: 's2', metrics: { accuracy: 1 } },
      'split',
      'split SHA-256 was s and is s2',
    ],
    [
      'another metric',
      { metrics: { accuracy: 0.9, log_loss: 0.25000001 } },
      'evaluate',
      'log_loss was 0.25 and is 0.25000001',
    ],
    [
      'a metric less',
      { model: 'm2', metrics: { accuracy: 0.9 } },
      'train',
      'model SHA-256 was m and is m2',
    ],
    [
      'a metric that is no number any more',
      { metrics: { accuracy: 0.9, log_loss: Infinity } },
      'evaluate',
      'log_loss',
    ],
  ])('is different with %s, and the first step is named', (_, results, step, words) => {
    const found = compareRecords(finished(), finished(results));
    expect(found).toMatchObject({ verdict: 'different', step });
    expect(found.reason).toContain(words);
  });

  it('is equal when both failed alike, unless the steps before came to something else', () => {
    const one = failed('MISSING_VALUES', 'load');
    expect(compareRecords(one, one)).toMatchObject({ verdict: 'equal', step: null });
    const late = { ...finished(), end: one.end };
    const other = { ...finished({ split: 's2' }), end: one.end };
    expect(compareRecords(late, other)).toMatchObject({ verdict: 'different', step: 'split' });
  });

  it('is different when only one failed, or in another way', () => {
    const changed = failed('DATA_CHANGED', 'load');
    expect(compareRecords(finished(), changed)).toMatchObject({
      ...{ verdict: 'different', step: 'load', reason: 'Because.', hint: 'Do something.' },
    });
    expect(compareRecords(failed('MISSING_VALUES', 'load'), finished())).toMatchObject({
      ...{ verdict: 'different', step: 'load' },
      reason: 'The original failed with MISSING_VALUES in the load step; the rerun finished.',
    });
    expect(compareRecords(failed('MISSING_VALUES', 'load'), changed)).toMatchObject({
      ...{ verdict: 'different', hint: 'Do something.' },
    });
    const gone = compareRecords(finished(), failed('FILE_NOT_FOUND', 'validate'));
    expect(gone.hint).toBe('Put it back where it was (SHA-256 f), and reproduce the run again.');
  });
});

describe('the request of a rerun', () => {
  it('is the original’s, of the same data, without what would change anything', () => {
    const register = { model_name: 'm', metric: 'accuracy', beat_champion: true } as const;
    const original = {
      ...finished(),
      request: { ...request, register, reuse: true, tenant: 'acme' },
    };
    expect(rerunInput(original, 'bob')).toEqual({
      ...{ ...request, tenant: 'acme', caller: 'bob', rerunOf: 'abc' },
      demandedData: { sha256: 'd', sourceSha256: 'f' },
    });
  });

  it('demands of a run without data what that had demanded', () => {
    const demandedData = { sha256: 'old', sourceSha256: null };
    const changed = failed('DATA_CHANGED', 'load');
    const rerun = { ...changed, opened: undefined, request: { ...request, demandedData } };
    expect(rerunInput(rerun, 'bob')).toEqual({ ...request, caller: 'bob', demandedData });
    expect(rerunInput(changed, 'bob')).not.toHaveProperty('demandedData');
  });
});

describe('remarks on versions', () => {
  it('tell of what is the same, what differs and what nobody recorded', () => {
    const then = { code: ['1+a'], dependencies: [], node: ['v24.1.0'] };
    const now = { code: ['1+a', '1+b'], dependencies: ['ff'], node: ['v24.1.0'] };
    expect(versionRemarks(then, now)).toEqual([
      'Code: 1+a then, 1+a and 1+b now; the code may compute otherwise.',
      'Libraries (lock file): not recorded then, ff now.',
      'Node: v24.1.0 in both.',
    ]);
    const none = { code: [], dependencies: [], node: [] };
    expect(versionRemarks(none, none)[0]).toBe('Code: not recorded.');
    const dirty = { ...none, code: ['1+a-dirty'] };
    expect(versionRemarks(dirty, dirty)[0]).toContain('with changes in no commit');
  });
});
