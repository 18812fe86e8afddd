import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { countTokens } from 'gpt-tokenizer';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import type { Activities } from '../../activities/index.ts';
import { createLogger } from '../../platform/logging.ts';
import { createMlflowClient } from '../../platform/tracking/mlflow-client.ts';
import type { MlflowClient, RunStatus } from '../../platform/tracking/tracking-types.ts';
import type { RunComparison } from '../../schemas/compare-runs.ts';
import { readConfig } from '../../schemas/config.ts';
import type { ExperimentInput } from '../../schemas/experiment.ts';
import type { RunList } from '../../schemas/list-runs.ts';
import { TAGS } from '../../schemas/names.ts';
import { startServer, type RunningServer } from '../../server/listen.ts';
import type { runExperiment } from '../../workflows/index.ts';

const START = Date.UTC(2026, 10, 1);
const name = `listed ${randomUUID()}`;
let folder: string;
let server: RunningServer;
let mlflow: MlflowClient;
/** Ids of the twelve runs of our experiment, the earliest first. */
const ours: string[] = [];
let foreign: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'list-'));
  mlflow = createMlflowClient({ url: inject('mlflow') });
  const config = readConfig({
    ...{ PORT: '0', STATE_DIR: folder, LOG_LEVEL: 'silent' },
    ...{ TEMPORAL_ADDRESS: inject('temporal'), MLFLOW_TRACKING_URI: inject('mlflow') },
  });
  server = await startServer(config, createLogger('test', config.LOG_LEVEL));
  for (let n = 0; n < 12; n += 1) ours.push(await makeRun(n));
  const experimentId = await mlflow.ensureExperiment(`${name} of others`);
  const run = { experimentId, runName: 'theirs', startTime: START - 1, tags: { team: 'blue' } };
  foreign = (await mlflow.createRun(run)).runId;
  await mlflow.logBatch(foreign, { metrics: [metric('accuracy', 0.99)] });
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const metric = (key: string, value: number) => ({ key, value, timestamp: START, step: 0 });
const workflowOf = (n: number): string => `experiment-${name.slice(7, 35)}-${n}`;

/** As log and close leave a run: the first two failed and have no metrics, the last two still run. */
async function makeRun(n: number): Promise<string> {
  const failed = n < 2;
  const tags = {
    [TAGS.workflowId]: workflowOf(n),
    [TAGS.codeVersion]: '0.1.0',
    [TAGS.datasetHash]: n % 2 === 0 ? 'even' : 'odd',
    'split.sha256': 's',
    ...(failed && { [TAGS.failureCode]: 'ONE_CLASS' }),
    ...(n === 5 && { [TAGS.warnings]: 'a\nb' }),
  };
  const experimentId = await mlflow.ensureExperiment(name);
  const startTime = START + n * 1000;
  const { runId } = await mlflow.createRun({ experimentId, runName: `run ${n}`, startTime, tags });
  if (failed) await close(runId, 'FAILED', startTime + 500);
  else {
    await mlflow.logBatch(runId, {
      params: { model: 'logreg_tabular', target: 'label', source_kind: 'file', n_rows: '400' },
      metrics: [metric('accuracy', n / 20), metric('log_loss', 1 / n), metric('data/rows', 400)],
    });
    await mlflow.logBatch(runId, { params: { C: String(n), seed: '42', test_rows: '80' } });
    if (n < 10) await close(runId, 'FINISHED', startTime + 1500);
  }
  return runId;
}

const close = (runId: string, status: RunStatus, endTime: number): Promise<void> =>
  mlflow.updateRun({ runId, status, endTime });

async function invoke<Result>(tool: string, params: object) {
  const response = await fetch(`${server.url}/invoke`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ tool, params }),
  });
  const answer = (await response.json()) as {
    result: Result | null;
    failure?: { code: string; message: string; hint: string };
  };
  return { status: response.status, ...answer };
}

async function list(params: object): Promise<RunList> {
  const { result, failure } = await invoke<RunList>('mlflow.list_runs', params);
  expect(failure).toBeUndefined();
  return result!;
}

const indices = ({ runs }: RunList): number[] => runs.map(({ run_id: id }) => ours.indexOf(id));

async function compare(runIds: string[], rest: object = {}): Promise<RunComparison> {
  const params = { run_ids: runIds, ...rest };
  const { result, failure } = await invoke<RunComparison>('mlflow.compare_runs', params);
  expect(failure).toBeUndefined();
  return result!;
}

describe('mlflow.list_runs', () => {
  it('shows the latest runs of an experiment in under 1000 tokens', async () => {
    const answer = await list({ experiment_name: name });
    expect(indices(answer)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    const row = {
      ...{ run_id: ours[5], status: 'FINISHED', started_at: '2026-11-01T00:00:05Z', seconds: 1.5 },
      experiment: expect.stringMatching(/^listed/) as string,
      ...{ warnings: 2, metrics: { accuracy: 0.25, log_loss: 0.2 } },
    };
    expect(answer.runs.find(({ run_id: id }) => id === ours[5])).toEqual(row);
    expect(answer.truncated).toBe(true);
    expect(answer.runs[0]).toMatchObject({ status: 'RUNNING' });
    expect(answer.runs[0]).not.toHaveProperty('seconds');
    expect(countTokens(JSON.stringify(answer))).toBeLessThan(1000);

    const query = { experiment_name: name, started_before: '2026-11-01T00:00:06Z', limit: 1 };
    expect((await list(query)).runs).toEqual([
      {
        ...{ ...row, workflow_id: workflowOf(5) },
        ...{ model: 'logreg_tabular', source: 'file', target: 'label', rows: 400 },
      },
    ]);
  });

  it.each([
    ['start_time', 'desc'],
    ['accuracy', 'asc'],
  ])('pages by %s without gap or repetition while runs are started', async (orderBy, order) => {
    const query = { experiment_name: name, order_by: orderBy, order, limit: 5 };
    const pages = [await list(query)];
    const experimentId = await mlflow.ensureExperiment(name);
    const late = { experimentId, runName: 'late', startTime: Date.now() + 60_000, tags: {} };
    const { runId } = await mlflow.createRun(late);
    for (let cursor = pages[0]!.next_cursor; cursor !== null; cursor = pages.at(-1)!.next_cursor) {
      pages.push(await list({ ...query, cursor }));
    }
    await mlflow.deleteRun(runId);
    const seen = pages.flatMap(indices);
    const all =
      orderBy === 'accuracy' ? [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 0] : ours.map((_, n) => 11 - n);
    expect(seen).toEqual(all);
    expect(pages.map(({ runs }) => runs.length)).toEqual([5, 5, 2]);
  });

  it.each<[string, object, number[]]>([
    ['status', { status: 'FAILED' }, [1, 0]],
    [
      'start',
      { started_after: '2026-11-01T00:00:03Z', started_before: '2026-11-01T01:00:05+01:00' },
      [4, 3],
    ],
    [
      'metrics',
      {
        metrics: [
          { metric: 'accuracy', at_least: 0.2, at_most: 0.25 },
          { metric: 'log_loss', at_most: 0.22 },
        ],
      },
      [5],
    ],
    [
      'tags',
      {
        tags: [
          { tag: 'dataset.sha256', equals: 'odd' },
          { tag: 'warnings', equals: 'none' },
        ],
      },
      [],
    ],
    ['a tag', { tags: [{ tag: TAGS.failureCode, equals: 'ONE_CLASS' }] }, [1, 0]],
    ['order', { order_by: 'log_loss', order: 'asc', limit: 2 }, [11, 10]],
  ])('finds by %s', async (_what, query, expected) => {
    expect(indices(await list({ experiment_name: name, ...query }))).toEqual(expected);
  });

  it('looks through all experiments, for runs of others as well unless told', async () => {
    const query = { started_before: '2026-11-01T00:00:01Z', started_after: '2026-10-31' };
    const all = await list(query);
    expect(all.runs).toMatchObject([
      { run_id: ours[0], failure: 'ONE_CLASS' },
      { run_id: foreign, workflow_id: null, metrics: { accuracy: 0.99 } },
    ]);
    expect((await list({ ...query, ours_only: true })).runs).toMatchObject([{ run_id: ours[0] }]);
  });

  it('refuses what it cannot search for', async () => {
    const { next_cursor: cursor } = await list({ experiment_name: name, limit: 1 });
    const refusals: [object, number, string, RegExp][] = [
      [{ experiment_name: `${name}x` }, 404, 'EXPERIMENT_NOT_FOUND', new RegExp(`“${name}”`)],
      [{ experiment_name: name, limit: 2, cursor }, 400, 'INVALID_REQUEST', /next_cursor/],
      [{ metrics: [{ metric: 'a`b', at_least: 0 }] }, 400, 'INVALID_REQUEST', /fields/],
      [{ tags: [{ tag: 'a', equals: `'"` }] }, 400, 'INVALID_REQUEST', /quotes/],
      [{ status: 'DONE' }, 400, 'INVALID_REQUEST', /fields/],
      [{ tracking_uri: 'http://elsewhere:5000' }, 403, 'TRACKING_URI_NOT_ALLOWED', /./],
    ];
    for (const [params, status, code, hint] of refusals) {
      const answer = await invoke('mlflow_list_runs', params);
      expect([answer.status, answer.failure?.code]).toEqual([status, code]);
      expect(answer.failure?.hint).toMatch(hint);
    }
  });

  it('finds a deleted experiment no more', async () => {
    const deleted = `${name} deleted`;
    const experimentId = await mlflow.ensureExperiment(deleted);
    const response = await fetch(`${mlflow.url}/api/2.0/mlflow/experiments/delete`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ experiment_id: experimentId }),
    });
    expect(response.ok).toBe(true);
    const answer = await invoke('mlflow.list_runs', { experiment_name: deleted });
    expect(answer.failure).toMatchObject({ code: 'EXPERIMENT_NOT_FOUND' });
    expect(answer.failure?.message).toContain('deleted');
  });
});

describe('mlflow.compare_runs', () => {
  it('compares runs by either of their ids', async () => {
    const answer = await compare([ours[4]!, workflowOf(6), 'nobody', ours[4]!, workflowOf(99)]);
    expect(answer).toMatchObject({
      runs: [
        { run_id: ours[4], status: 'FINISHED' },
        { run_id: ours[6], workflow_id: workflowOf(6), status: 'FINISHED' },
      ],
      ...{ params: { C: ['4', '6'] }, equal_params: 6 },
      metrics: { accuracy: [0.2, 0.3], log_loss: [0.25, 0.166667] },
      best: { accuracy: ours[6], log_loss: ours[6] },
      same: { data: { answer: 'yes' }, split: { answer: 'yes' }, code: { answer: 'yes' } },
      ...{ notes: [], missing: ['nobody', workflowOf(99)], truncated: false },
    });
    expect(Object.keys(answer.metrics)).toEqual(['accuracy', 'log_loss']);
  });

  it('says when a comparison is not fair', async () => {
    const answer = await compare([ours[4]!, ours[5]!, ours[11]!, foreign]);
    expect(answer.same).toMatchObject({
      ...{ data: { answer: 'no' }, split: { answer: 'no' }, code: { answer: 'unknown' } },
    });
    expect(answer.notes.join()).toMatch(/other data.*2 of 4 runs have not FINISHED.*1 of 4 runs/);
    expect(answer.best).toMatchObject({ accuracy: foreign });
  });

  it('takes ten runs in under 1000 tokens', async () => {
    const answer = await compare(ours.slice(0, 10));
    expect(answer.runs).toHaveLength(10);
    expect(JSON.stringify(answer).length / 4).toBeLessThan(1000);
  });

  it('finds the run that a workflow used again', async () => {
    const workflowId = await reusingWorkflow(ours[7]!);
    const answer = await compare([workflowId, ours[8]!]);
    expect(answer.runs).toMatchObject([
      { run_id: ours[7], workflow_id: workflowId },
      { run_id: ours[8] },
    ]);
  });

  it('refuses runs that nobody knows, one run twice, and too many', async () => {
    const refusals: [string[], number, string, RegExp][] = [
      [['nobody', ours[3]!], 404, 'RUN_NOT_FOUND', /only one is known; missing: nobody\.$/],
      [['nobody', workflowOf(98)], 404, 'RUN_NOT_FOUND', /none is known/],
      [[ours[3]!, workflowOf(3)], 400, 'INVALID_REQUEST', /same run/],
      [[ours[3]!], 400, 'INVALID_REQUEST', /run_ids needs at least 2/],
      [ours.slice(0, 11), 400, 'INVALID_REQUEST', /run_ids may have at most 10/],
      [['../x', 'y'], 400, 'INVALID_REQUEST', /run_ids\[0\] holds letters/],
    ];
    for (const [runIds, status, code, message] of refusals) {
      const answer = await invoke('mlflow.compare_runs', { run_ids: runIds });
      expect([answer.status, answer.failure?.code]).toEqual([status, code]);
      expect(answer.failure?.message).toMatch(message);
    }
    const elsewhere = { run_ids: ['a', 'b'], tracking_uri: 'http://elsewhere:5000' };
    expect((await invoke('mlflow.compare_runs', elsewhere)).status).toBe(403);
  });
});

/** A workflow of ours that ended with the results of an earlier run. */
async function reusingWorkflow(runId: string): Promise<string> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const address = inject('temporal');
  const connection = await NativeConnection.connect({ address });
  const client = new Client({ connection: await Connection.connect({ address }) });
  const taskQueue = `reuse-${randomUUID()}`;
  const activities: Pick<Activities, 'validateSource' | 'findReusableRun'> = {
    validateSource: async () => ({
      ...{ display: '', columnCount: 2, featureCount: 1, features: [], featureTypes: 'd' },
    }),
    findReusableRun: async () => ({
      origin: { runId, experimentId: '1', metrics: {}, modelId: 'm', warnings: [] },
      dataset: null,
    }),
  };
  const input: ExperimentInput = {
    ...{ experimentName: name, model: 'logreg_tabular', trackingUri: null, caller: 'test' },
    source: { kind: 'file', path: 'train.csv', format: 'csv', target: 'label' },
    params: { C: 1, max_iter: 1000, tol: 1e-4, test_size: 0.2, seed: 42 },
    ...{ limits: {}, reuse: true },
  };
  const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
  const worker = await Worker.create({ connection, taskQueue, activities, workflowsPath });
  const workflowId = `experiment-${randomUUID()}`;
  const options = { taskQueue, workflowId, args: [input] as [ExperimentInput] };
  await worker.runUntil(client.workflow.execute<typeof runExperiment>('runExperiment', options));
  await client.connection.close();
  await connection.close();
  return workflowId;
}

describe('the doors', () => {
  it('know both tools', async () => {
    const read = async (path: string) => (await fetch(`${server.url}${path}`)).json();
    const { tools } = (await read('/tools')) as { tools: Record<string, unknown> };
    expect(Object.keys(tools)).toEqual(
      expect.arrayContaining(['mlflow.list_runs', 'mlflow.compare_runs']),
    );
    const openapi = JSON.stringify(await read('/openapi.json'));
    expect(openapi).toContain('"mlflow_list_runs"');
    expect(openapi).toContain('"mlflow_compare_runs"');
  });
});
