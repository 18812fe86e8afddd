import { countTokens } from 'gpt-tokenizer';
import { describe, expect, it } from 'vitest';

import type { TrackedRun } from '../../../platform/tracking/tracking-types.ts';
import { TAGS } from '../../../schemas/names.ts';
import { comparison } from '../../../server/experiments/compare-runs.ts';
import { runId, trackedRun, workflowId } from './tracked-run.ts';

const compare = (runs: TrackedRun[], detail: 'brief' | 'full' = 'brief') =>
  comparison({ runs: runs.map((run) => ({ run, workflowId: undefined })), missing: [] }, detail);
const tagged = (n: number, tags: Record<string, string>) =>
  trackedRun(n, { tags: { ...trackedRun(n).tags, ...tags } });
const withParams = (n: number, params: Record<string, string>) =>
  trackedRun(n, { params: { ...trackedRun(n).params, ...params } });

describe('a comparison', () => {
  it('shows params that differ and metrics side by side, and who is best', () => {
    const answer = compare([trackedRun(1), trackedRun(2)]);
    expect(answer).toMatchObject({
      runs: [
        { run_id: runId(1), status: 'FINISHED' },
        { run_id: runId(2), status: 'FINISHED' },
      ],
      params: { C: ['1', '2'] },
      equal_params: Object.keys(trackedRun(1).params).length - 1,
      metrics: { accuracy: [0.989782, 0.979785] },
      // Each metric of the first run is greater, which is worse of log_loss alone.
      best: {
        ...{ accuracy: runId(1), f1_weighted: runId(1), roc_auc: runId(1) },
        log_loss: runId(2),
      },
      ...{ notes: [], missing: [], truncated: false },
    });
    expect(Object.keys(answer.metrics)).toHaveLength(12);
    expect(Object.keys(answer.metrics).some((name) => name.includes('/'))).toBe(false);
  });

  it('has no best run by a metric that is equal, that only one has, or that is no number', () => {
    const of = (n: number, metrics: Record<string, number>) => trackedRun(n, { metrics });
    const answer = compare([
      of(1, { accuracy: 0.5, f1_weighted: NaN, roc_auc: 0.7 }),
      of(2, { accuracy: 0.5, f1_weighted: 0.5 }),
      of(3, { accuracy: 0.4, roc_auc: 0.8 }),
    ]);
    expect(answer.best).toEqual({ accuracy: null, roc_auc: runId(3) });
    expect(answer.metrics).toEqual({
      ...{ accuracy: [0.5, 0.5, 0.4], f1_weighted: [null, 0.5, null], roc_auc: [0.7, null, 0.8] },
    });
  });

  it('names a run by its workflow when it was asked for by it', () => {
    const named = [
      { run: trackedRun(1), workflowId: workflowId(1) },
      { run: trackedRun(2), workflowId: undefined },
    ];
    expect(comparison({ runs: named, missing: ['x'] }, 'brief')).toMatchObject({
      runs: [{ run_id: runId(1), workflow_id: workflowId(1) }, { run_id: runId(2) }],
      missing: ['x'],
    });
  });

  it('leaves runs that logged nothing out of the params, and says so', () => {
    const failed = trackedRun(3, { ...{ status: 'FAILED', params: {}, metrics: {} } });
    const answer = compare([trackedRun(1), trackedRun(2), failed]);
    expect(answer.params).toEqual({ C: ['1', '2', null] });
    expect(answer.notes).toEqual([
      expect.stringContaining('1 of 3 runs have not FINISHED'),
      expect.stringContaining('1 of 3 runs have no params'),
    ]);
  });
});

describe('whether a comparison is fair', () => {
  const answers = (runs: TrackedRun[]) => {
    const { data, split, code } = compare(runs).same;
    return [data.answer, split.answer, code.answer];
  };

  it('needs the same data, split and code', () => {
    const one = trackedRun(1);
    expect(answers([one, trackedRun(2)])).toEqual(['yes', 'yes', 'yes']);
    expect(answers([one, tagged(2, { [TAGS.datasetHash]: 'e' })])).toEqual(['no', 'no', 'yes']);
    expect(answers([one, tagged(2, { 'split.sha256': 't' })])).toEqual(['yes', 'no', 'yes']);
    expect(answers([one, tagged(2, { [TAGS.codeVersion]: '2' })])).toEqual(['yes', 'yes', 'no']);
    expect(answers([one, withParams(2, { test_rows: '81' })])).toEqual(['yes', 'no', 'yes']);
  });

  it('is unknown where a run does not tell', () => {
    const silent = trackedRun(2, { tags: {} });
    expect(answers([trackedRun(1), silent])).toEqual(['unknown', 'unknown', 'unknown']);
    const sameRowNumbers = tagged(2, { [TAGS.datasetHash]: '' });
    expect(compare([trackedRun(1), sameRowNumbers]).same).toMatchObject({
      data: { answer: 'unknown', reason: '1 of 2 runs have no dataset.sha256.' },
      split: { answer: 'unknown' },
    });
    // Two that differ are enough to know.
    const others = [trackedRun(1), tagged(2, { [TAGS.datasetHash]: 'e' }), silent];
    expect(compare(others).same.data).toEqual({
      ...{ answer: 'no', reason: '2 different values of dataset.sha256.' },
    });
  });

  it('is noted when data, test rows or targets are others', () => {
    const one = trackedRun(1);
    const notes = (run: TrackedRun) => compare([one, run]).notes.join();
    expect(notes(tagged(2, { [TAGS.datasetHash]: 'e' }))).toMatch(/Not fair: other data/);
    expect(notes(tagged(2, { 'split.sha256': 't' }))).toMatch(/Not fair: .* different test rows/);
    expect(notes(withParams(2, { target: 'y' }))).toMatch(/Not fair: .* different targets/);
    expect(notes(tagged(2, { [TAGS.codeVersion]: '2' }))).toBe('');
    expect(notes(trackedRun(2, { deleted: true }))).toMatch(/1 of 2 runs are deleted/);
  });
});

describe('the size of a comparison', () => {
  const many = (differing: number) =>
    Array.from({ length: 10 }, (_, n) =>
      withParams(
        n,
        Object.fromEntries(Array.from({ length: differing }, (_, i) => [`p${i}`, `${n}${i}`])),
      ),
    );

  it('of ten runs stays below 1000 tokens with all headlines, and tells when it left something out', () => {
    const answer = compare(many(100));
    expect(countTokens(JSON.stringify(answer))).toBeLessThan(1000);
    expect(Object.keys(answer.metrics).slice(0, 4)).toEqual([
      ...['accuracy', 'f1_weighted', 'log_loss', 'roc_auc'],
    ]);
    expect(answer.truncated).toBe(true);
    expect(Object.keys(compare(many(100), 'full').params)).toHaveLength(101);
  });

  it('of ten runs that differ in a few params has them all', () => {
    const answer = compare(many(4));
    expect(Object.keys(answer.params)).toEqual(['C', 'p0', 'p1', 'p2', 'p3']);
    expect(countTokens(JSON.stringify(answer))).toBeLessThan(1000);
  });

  it('cuts long values so that their difference is still seen', () => {
    const columns = (last: string) => `[${"'column', ".repeat(30)}'${last}']`;
    const runs = [
      withParams(1, { features: columns('x') }),
      withParams(2, { features: columns('y') }),
    ];
    const answer = compare(runs);
    expect(answer.params['features']).toEqual([
      expect.stringMatching(/^….*'x'\]$/),
      expect.stringMatching(/^….*'y'\]$/),
    ]);
    expect(answer.truncated).toBe(true);
    expect(compare(runs, 'full').truncated).toBe(false);
  });
});
