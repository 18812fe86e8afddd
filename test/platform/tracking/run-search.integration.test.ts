import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import fc from 'fast-check';
import { beforeAll, describe, expect, inject, it } from 'vitest';

import { createMlflowClient } from '../../../platform/tracking/mlflow-client.ts';
import { runFilter, runOrder } from '../../../platform/tracking/run-query.ts';
import type { RunCondition, RunOrder } from '../../../platform/tracking/run-query.ts';
import type { MlflowClient } from '../../../platform/tracking/tracking-types.ts';
import type {} from '../../support/provided.ts';
import { useMlflow } from './server.ts';

const mlflow = useMlflow();
const unique = `${Date.now()}-${process.pid}`;
let client: MlflowClient;
let experimentId: string;
/** Run ids by name. */
const runs = new Map<string, string>();

beforeAll(async () => {
  client = createMlflowClient({ url: mlflow.url });
  experimentId = await client.ensureExperiment(`Search ${unique}`);
  const make = async (runName: string, accuracy: number, status?: 'FINISHED' | 'FAILED') => {
    const startTime = 1000 * (runs.size + 1);
    const run = await client.createRun({
      experimentId,
      runName,
      startTime,
      tags: { caller: runName },
    });
    runs.set(runName, run.runId);
    await client.logBatch(run.runId, {
      metrics: [{ key: 'f1 class: ü', value: accuracy, timestamp: 1 }],
      params: runName === 'three' ? {} : { C: String(accuracy) },
    });
    if (status) await client.updateRun({ runId: run.runId, status, endTime: startTime + 5 });
  };
  await make('one', 0.5, 'FINISHED');
  await make("it's two", 1e-7, 'FAILED');
  await make('three', -3);
});

const found = async (where: RunCondition[], orderBy?: RunOrder[]) => {
  const search = { experimentIds: [experimentId], where, maxResults: 10 };
  const answer = await client.searchRuns(orderBy ? { ...search, orderBy } : search);
  return answer.runs.map(({ runName }) => runName);
};

describe('runs', () => {
  it.each<[RunCondition[], string[]]>([
    [[], ['three', "it's two", 'one']],
    [[{ metric: 'f1 class: ü', is: '>', value: -0.5 }], ["it's two", 'one']],
    [[{ metric: 'f1 class: ü', is: '<=', value: 1e-7 }], ['three', "it's two"]],
    [[{ metric: 'f1 class: ü', is: '<', value: 1e300 }], ['three', "it's two", 'one']],
    [[{ tag: 'caller', is: '=', value: "it's two" }], ["it's two"]],
    [[{ tag: 'caller', is: 'LIKE', value: 't%' }], ['three']],
    [[{ tag: 'caller', is: 'ILIKE', value: '%T%' }], ['three', "it's two"]],
    [[{ param: 'C', is: '=', value: '0.5' }], ['one']],
    [[{ param: 'C', is: 'absent' }], ['three']],
    [[{ param: 'C', is: 'present' }, { status: ['FAILED'] }], ["it's two"]],
    [[{ status: ['FAILED', 'RUNNING'] }], ['three', "it's two"]],
    [[{ status: [] }], []],
    [[{ time: 'start', is: '>=', value: 2000 }], ['three', "it's two"]],
    [[{ time: 'end', is: '<', value: 2000 }], ['one']],
    [[{ runName: 'thr%', is: 'LIKE' }], ['three']],
  ])('are found by %j', async (where, names) => {
    expect(await found(where)).toEqual(names);
  });

  it('are found by id, however many', async () => {
    const runIds = [runs.get('one')!, runs.get('three')!, 'f'.repeat(32)];
    expect(await found([{ runIds }])).toEqual(['three', 'one']);
  });

  it('come in the order that was asked for', async () => {
    const by = { metric: 'f1 class: ü' };
    expect(await found([], [{ by, direction: 'ASC' }])).toEqual(['three', "it's two", 'one']);
    expect(await found([], [{ by, direction: 'DESC' }])).toEqual(['one', "it's two", 'three']);
    expect(await found([], [{ by: { param: 'C' }, direction: 'DESC' }])).toEqual([
      "it's two",
      'one',
      'three',
    ]);
    expect(await found([], [{ by: 'start_time', direction: 'ASC' }])).toEqual([
      'one',
      "it's two",
      'three',
    ]);
    expect(await found([], [{ by: { tag: 'caller' }, direction: 'ASC' }])).toEqual([
      "it's two",
      'one',
      'three',
    ]);
  });

  it('come in pages', async () => {
    const search = { experimentIds: [experimentId], maxResults: 2 };
    const first = await client.searchRuns(search);
    const second = await client.searchRuns({ ...search, pageToken: first.nextPageToken });
    expect([...first.runs, ...second.runs].map(({ runId }) => runId)).toEqual(
      [...runs.values()].toReversed(),
    );
    expect(second.nextPageToken).toBeUndefined();
    await expect(client.searchRuns({ ...search, pageToken: 'nonsense' })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
  });

  it('are read together, and those that are not there are named', async () => {
    const [one, three] = [runs.get('one')!, runs.get('three')!];
    const read = await client.getRuns([three, 'f'.repeat(32), one]);
    expect(read.runs.map(({ runId }) => runId)).toEqual([three, one]);
    expect(read.missing).toEqual(['f'.repeat(32)]);
    await expect(client.getRuns(Array<string>(101).fill(one))).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
  });
});

it('MLflow reads every filter and order as it was meant', async () => {
  const key = fc
    .string({
      unit: fc.constantFrom(...'aZ0_-./: üß猫', 'IN', 'AND', 'desc'),
      minLength: 1,
      maxLength: 12,
    })
    .filter((name) => name.length <= 250);
  const text = fc
    .oneof(
      fc.string({ unit: 'grapheme', maxLength: 15 }),
      fc.string({
        unit: fc.constantFrom(...'\'"`%_();,-#$/* aN=', ' AND ', 'IS NULL'),
        maxLength: 15,
      }),
    )
    .filter((value) => !/[\\\p{Cc}]/u.test(value) && !(value.includes("'") && value.includes('"')));
  const order = fc.constantFrom('=', '!=', '<', '<=', '>', '>=');
  const match = fc.constantFrom('=', '!=', 'LIKE', 'ILIKE');
  const value = fc.double({ noNaN: true, noDefaultInfinity: true });
  const condition: fc.Arbitrary<RunCondition> = fc.oneof(
    fc.record({ metric: key, is: order, value }),
    fc.record({ param: key, is: match, value: text }),
    fc.record({ tag: key, is: match, value: text }),
    fc.record({ tag: key, is: fc.constantFrom('present', 'absent') }),
    fc.record({ runName: text, is: match }),
    fc.record({ dataset: fc.constantFrom('name', 'digest', 'context'), is: match, value: text }),
    fc.record({ time: fc.constantFrom('start', 'end'), is: order, value: fc.nat() }),
  );
  const conditions = fc.array(condition, { minLength: 1, maxLength: 4 });
  // In an order, and only there, MLflow drops spaces at the end of a name.
  const metric = key.filter((name) => name.trimEnd() === name);
  const samples = fc.sample(fc.tuple(conditions, metric), { numRuns: 500, seed: 7 });
  const questions = samples.map(([conditions, metric]) => ({
    filter: runFilter(conditions),
    order: runOrder({ by: { metric }, direction: 'DESC' }),
  }));
  const program = `
import json, sys
from mlflow.utils.search_utils import SearchUtils
def read(question):
    parsed = SearchUtils.parse_search_filter(question["filter"])
    order = SearchUtils.parse_order_by_for_search_runs(question["order"])
    return [[[c["type"], c["key"], c["comparator"], c["value"]] for c in parsed], order]
json.dump([read(q) for q in json.load(sys.stdin)], sys.stdout)`;
  const running = promisify(execFile)(inject('python'), ['-c', program], { maxBuffer: 2 ** 26 });
  running.child.stdin?.end(JSON.stringify(questions));
  const read = JSON.parse((await running).stdout) as unknown[];
  expect(read).toEqual(
    samples.map(([conditions, metric]) => [conditions.map(asParsed), ['metric', metric, false]]),
  );
});

const PRESENCE: Record<string, string> = { present: 'IS NOT NULL', absent: 'IS NULL' };

/** A condition as MLflow's parser tells it. */
function asParsed(condition: RunCondition): unknown[] {
  if ('metric' in condition) {
    return ['metric', condition.metric, condition.is, String(condition.value).replace('e+', 'e')];
  }
  if ('runName' in condition) return ['attribute', 'run_name', condition.is, condition.runName];
  if ('time' in condition) {
    return ['attribute', `${condition.time}_time`, condition.is, condition.value];
  }
  if ('dataset' in condition) {
    return ['dataset', condition.dataset, condition.is, condition.value];
  }
  if ('tag' in condition && !('value' in condition)) {
    return ['tag', condition.tag, PRESENCE[condition.is], null];
  }
  if ('tag' in condition) return ['tag', condition.tag, condition.is, condition.value];
  if ('param' in condition && 'value' in condition) {
    return ['parameter', condition.param, condition.is, condition.value];
  }
  throw new Error('not made by this test');
}

describe('experiments', () => {
  it('are found by id, by name and by a part of it', async () => {
    const name = `Search ${unique}`;
    const experiment = await client.experiments.get(experimentId);
    expect(experiment).toMatchObject({ experimentId, name, deleted: false });
    expect(await client.experiments.byName(name)).toEqual(experiment);
    const search = { nameContains: `search ${unique}`, maxResults: 10 };
    expect((await client.experiments.search(search)).experiments).toEqual([experiment]);
    const all = await client.experiments.search({ maxResults: 1 });
    expect([all.experiments.length, typeof all.nextPageToken]).toEqual([1, 'string']);
  });

  it('that are not there are EXPERIMENT_NOT_FOUND by id and null by name', async () => {
    await expect(client.experiments.get('424242')).rejects.toMatchObject({
      code: 'EXPERIMENT_NOT_FOUND',
    });
    expect(await client.experiments.byName(`none ${unique}`)).toBeNull();
  });
});
