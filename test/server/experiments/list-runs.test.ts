import { createHash } from 'node:crypto';

import { countTokens } from 'gpt-tokenizer';
import { describe, expect, it } from 'vitest';

import { TAGS } from '../../../schemas/names.ts';
import { listRunsSchema } from '../../../schemas/list-runs.ts';
import { listRuns } from '../../../server/experiments/list-runs.ts';
import { fakeTracking } from './fake-tracking.ts';
import { runId, trackedRun, workflowId } from './tracked-run.ts';

const request = (fields: object = {}) => listRunsSchema.parse(fields);
const problems = (fields: object): string[] =>
  listRunsSchema.safeParse(fields).error?.issues.map(({ message }) => message) ?? [];

describe('a list of runs', () => {
  it('shows of a run what there is', async () => {
    const foreign = trackedRun(3, {
      ...{ status: 'RUNNING', params: {}, metrics: { auc: 1, accuracy: NaN }, tags: {} },
    });
    const failed = trackedRun(2, {
      status: 'FAILED',
      metrics: {},
      tags: { ...trackedRun(2).tags, [TAGS.failureCode]: 'ONE_CLASS', [TAGS.warnings]: 'a\nb' },
    });
    const { runs } = await listRuns(fakeTracking([trackedRun(1), failed, foreign]), request());
    expect(runs[0]).toEqual({
      ...{ run_id: runId(1), workflow_id: workflowId(1), experiment: 'demo' },
      ...{ status: 'FINISHED', started_at: '2026-11-22T19:59:00Z', seconds: 1.234 },
      ...{ model: 'logreg_tabular', source: 'file', target: 'label', rows: 400 },
      metrics: { accuracy: 0.9898, f1_weighted: 0.3322, log_loss: 0.0999, roc_auc: 0.09082 },
      ...{ failure: undefined, warnings: undefined },
    });
    expect(runs[1]).toMatchObject({ status: 'FAILED', failure: 'ONE_CLASS', warnings: 2 });
    expect(JSON.parse(JSON.stringify(runs[2]))).toEqual({
      ...{ run_id: runId(3), workflow_id: null, experiment: 'demo', status: 'RUNNING' },
      ...{ started_at: '2026-11-22T19:57:00Z', metrics: {} },
    });
  });

  it('asks MLflow for what the request says', async () => {
    const fake = fakeTracking([], [{ name: 'a' }, { name: 'b' }]);
    await listRuns(
      fake,
      request({
        ...{ experiment_name: 'b', status: 'FAILED', ours_only: true, limit: 3 },
        ...{ started_after: '2026-11-22', started_before: '2026-11-22T10:00:00+02:00' },
        metrics: [{ metric: 'accuracy', at_least: 0.5, at_most: 0.9 }],
        tags: [{ tag: 'caller', equals: 'eva' }],
        ...{ order_by: 'log_loss', order: 'asc' },
      }),
    );
    expect(fake.searches).toEqual([
      {
        experimentIds: ['2'],
        where: [
          { status: ['FAILED'] },
          { time: 'start', is: '>=', value: Date.UTC(2026, 10, 22) },
          { time: 'start', is: '<', value: Date.UTC(2026, 10, 22, 8) },
          { tag: 'temporal.workflow_id', is: 'LIKE', value: 'experiment-%' },
          { metric: 'accuracy', is: '>=', value: 0.5 },
          { metric: 'accuracy', is: '<=', value: 0.9 },
          { tag: 'caller', is: '=', value: 'eva' },
        ],
        orderBy: [{ by: { metric: 'log_loss' }, direction: 'ASC' }],
        maxResults: 3,
        pageToken: undefined,
      },
    ]);
  });

  it('looks in every experiment when none is named, the latest run first', async () => {
    const fake = fakeTracking([], [{ name: 'a' }, { name: 'gone', deleted: true }, { name: 'b' }]);
    await listRuns(fake, request());
    expect(fake.searches).toMatchObject([
      { experimentIds: ['1', '3'], orderBy: [{ by: 'start_time', direction: 'DESC' }] },
    ]);
  });

  it('shows the metrics that it is ordered by or that it is asked for', async () => {
    const { runs } = await listRuns(
      fakeTracking([trackedRun(1)]),
      request({ order_by: 'pr_auc', metrics: [{ metric: 'data/rows', at_least: 1 }] }),
    );
    expect(runs[0]!.metrics).toMatchObject({ pr_auc: 0.0832617 });
    expect(Object.keys(runs[0]!.metrics)).toEqual([
      'pr_auc',
      'data/rows',
      'accuracy',
      'f1_weighted',
    ]);
  });

  it('cuts long texts and says so', async () => {
    const long = trackedRun(1, { params: { ...trackedRun(1).params, target: '😀'.repeat(300) } });
    const list = await listRuns(fakeTracking([long]), request());
    expect(list.runs[0]!.target).toMatch(/^😀+…$/u);
    expect(list.truncated).toBe(true);
    expect((await listRuns(fakeTracking([trackedRun(1)]), request())).truncated).toBe(false);
  });

  it.each([
    ['five runs with short names', 5, 'demo', 'label', false],
    ['five runs with names as they often are', 5, 'churn-by-region-26', 'has_churned', false],
    ['ten runs with names as they often are', 10, 'churn-by-region-26', 'has_churned', true],
    ['ten with long names', 10, 'customers '.repeat(30), 'the target '.repeat(20), true],
  ])('of %s stays below 1000 tokens', async (_case, length, name, target, truncated) => {
    const runs = Array.from({ length }, (_, n) => {
      // As MLflow and Temporal make ids: a token has hardly two of their characters.
      const id = createHash('sha256').update(String(n)).digest('hex');
      const run = { ...trackedRun(n), runId: id.slice(0, 32) };
      const workflow = { [TAGS.workflowId]: `experiment-${id.slice(0, 36)}` };
      const tags = { ...run.tags, ...workflow, ...(truncated && { [TAGS.warnings]: 'a\nb' }) };
      return { ...run, tags, params: { ...run.params, target } };
    });
    const list = await listRuns(fakeTracking(runs, [{ name }]), request());
    expect(countTokens(JSON.stringify(list))).toBeLessThan(1000);
    expect(list.truncated).toBe(truncated);
    for (const { run_id, status, metrics } of list.runs) {
      expect(run_id).toMatch(/^[0-9a-f]{32}$/);
      expect(status).toBe('FINISHED');
      expect(metrics).toHaveProperty('accuracy');
    }
  });
});

describe('the cursor', () => {
  const query = { order_by: 'accuracy', limit: 2 };
  const firstPage = () => listRuns(fakeTracking([trackedRun(1)]), request(query));

  it('goes on where the page before ended, without runs that started since', async () => {
    const before = Date.now();
    const { next_cursor: cursor } = await firstPage();
    const fake = fakeTracking([]);
    const last = await listRuns(fake, request({ cursor, ...query }));
    expect(last).toEqual({ runs: [], next_cursor: null, truncated: false });
    const [search] = fake.searches;
    expect(search?.pageToken).toBe('next');
    const [until] = search!.where!;
    expect(until).toMatchObject({ time: 'start', is: '<=' });
    expect((until as { value: number }).value).toBeGreaterThanOrEqual(before);
  });

  it('keeps the time of the first page over all pages', async () => {
    const { next_cursor: cursor } = await firstPage();
    const second = await listRuns(
      fakeTracking([trackedRun(2, { startTime: Date.now() + 1e6 })]),
      request({ cursor, ...query }),
    );
    const untilOf = async (text: string | null) => {
      const fake = fakeTracking([]);
      await listRuns(fake, request({ cursor: text, ...query }));
      return fake.searches[0]?.where;
    };
    expect(await untilOf(second.next_cursor)).toEqual(await untilOf(cursor));
  });

  it('is refused with other arguments, altered, or made up', async () => {
    const cursor = (await firstPage()).next_cursor!;
    const [, until, digest] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    const altered = Buffer.from(JSON.stringify(['other', until, digest])).toString('base64url');
    const wrong = [
      { ...query, cursor, limit: 3 },
      { ...query, cursor, experiment_name: 'demo' },
      { ...query, cursor: altered },
      { ...query, cursor: 'bm9uc2Vuc2U' },
      { ...query, cursor: '☃' },
    ];
    for (const fields of wrong) {
      const fake = fakeTracking([]);
      await expect(listRuns(fake, request(fields))).rejects.toMatchObject({
        code: 'INVALID_REQUEST',
        message: 'cursor does not belong to this request.',
      });
      expect(fake.searches).toEqual([]);
    }
  });
});

describe('an unknown experiment', () => {
  it('is refused with the names that are close', async () => {
    const fake = fakeTracking([], [{ name: 'churn' }, { name: 'other' }]);
    await expect(listRuns(fake, request({ experiment_name: 'Chrun' }))).rejects.toMatchObject({
      ...{ code: 'EXPERIMENT_NOT_FOUND', hint: 'Did you mean “churn”?' },
    });
    await expect(listRuns(fake, request({ experiment_name: 'xyzzy' }))).rejects.toMatchObject({
      hint: expect.stringContaining('leave experiment_name out') as string,
    });
  });

  it('or a deleted one, as such', async () => {
    const fake = fakeTracking([], [{ name: 'churn', deleted: true }]);
    await expect(listRuns(fake, request({ experiment_name: 'churn' }))).rejects.toMatchObject({
      ...{ code: 'EXPERIMENT_NOT_FOUND', message: expect.stringContaining('deleted') as string },
    });
  });
});

describe('arguments that cannot be', () => {
  it.each([
    [{ metrics: [{ metric: 'accuracy' }] }, /at_least or at_most/],
    [{ metrics: [{ metric: 'acc"uracy', at_least: 1 }] }, /letters, digits/],
    [{ order_by: '' }, /letters, digits/],
    [{ started_after: 'yesterday' }, /2026-11-22T20:00:00Z/],
    [{ started_after: '2026-02-30' }, /2026-11-22T20:00:00Z/],
    [{ started_before: '2026-11-22T10:00:00' }, /2026-11-22T20:00:00Z/],
    [{ experiment_name: 'a\nb' }, /control character/],
    [{ tags: [{ tag: 'caller', equals: '\ud800' }] }, /control character/],
  ])('%j', (fields, message) => {
    expect(problems(fields)).toEqual([expect.stringMatching(message)]);
  });
});
