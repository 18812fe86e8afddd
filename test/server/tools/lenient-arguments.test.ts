import { describe, expect, it } from 'vitest';

import { openCaller } from '../../../schemas/caller.ts';
import { listRunsSchema } from '../../../schemas/list-runs.ts';
import { runExperimentSchema } from '../../../schemas/request.ts';
import { describeProblems } from '../../../server/tools/argument-problems.ts';
import { parseLeniently } from '../../../server/tools/lenient-arguments.ts';
import { createDoors, fileRequest } from '../fake-experiments.ts';

const source = { kind: 'file', path: 'train.csv', target: 'label' };
const plain = { experiment_name: 'plain', source };
const meant = runExperimentSchema.parse(plain);

const read = (args: unknown) => parseLeniently(runExperimentSchema, args);

/** Why arguments are refused, in the words of the failure. */
function refusal(args: unknown): string {
  const { error } = read(args);
  if (!error) throw new Error('They were not refused.');
  return describeProblems(error).message;
}

describe('arguments in another form of the same meaning', () => {
  it.each([
    ['all of them as a JSON string', JSON.stringify(plain)],
    ['an object as a JSON string', { ...plain, source: JSON.stringify(source) }],
    ['strings within strings', JSON.stringify({ ...plain, params: '{"seed":"42"}' })],
    ['numbers as strings', { ...plain, params: { test_size: '0.2', max_iter: '1000', C: '1e0' } }],
    ['null for what has a default', { ...plain, model: null, params: { C: null }, limits: null }],
    ['null for what is optional', { ...plain, reuse: null, register: null, wait_seconds: null }],
    ['null for other kinds’ fields', { ...plain, source: { ...source, conn: null, query: null } }],
    ['null for a name nobody knows', { ...plain, webhook: null }],
  ])('are read as meant: %s', (_what, args) => {
    expect(read(args)).toEqual({ success: true, data: meant });
  });

  it('are read as meant within lists, and as true or false', () => {
    const metrics = [{ metric: 'accuracy', at_least: '0.9', at_most: null }];
    expect(parseLeniently(listRunsSchema, { metrics, ours_only: 'true' }).data).toMatchObject({
      ...{ metrics: [{ metric: 'accuracy', at_least: 0.9 }], ours_only: true },
    });
    const features = '["f1","f2"]';
    expect(read({ ...plain, source: { ...source, features } }).data?.source).toEqual({
      ...meant.source,
      features: ['f1', 'f2'],
    });
  });

  it('leave what they were read from as it was', () => {
    const args = { ...plain, params: { C: '1', seed: null } };
    const before = structuredClone(args);
    expect(read(args).success).toBe(true);
    expect(args).toEqual(before);
  });
});

describe('arguments that could mean several things', () => {
  it.each([
    ['20%', /^params\.test_size must be a number/],
    ['0,2', /^params\.test_size must be a number/],
    [' 0.2', /^params\.test_size must be a number/],
    ['', /^params\.test_size must be a number/],
    ['1e999', /^params\.test_size must be a number/],
    ['2', /^params\.test_size must be less than 1/],
    [true, /^params\.test_size must be a number/],
  ])('are refused: a test_size of %j', (test_size, message) => {
    expect(refusal({ ...plain, params: { test_size } })).toMatch(message);
  });

  it.each([
    [{ ...plain, source: 'train.csv' }, /^source must be an object/],
    [{ ...plain, source: '[]' }, /^source must be an object/],
    [{ ...plain, source: '{"kind":' }, /^source must be an object/],
    [{ ...plain, source: { ...source, features: 'f1, f2' } }, /^source\.features must be a list/],
    [{ ...plain, reuse: 'yes' }, /^reuse must be true or false/],
    [{ ...plain, source: null }, /^source is missing/],
    [{ ...plain, webhook: 'x' }, /has no field webhook/],
    [[plain], /^the request must be an object/],
    ['nonsense', /^the request must be an object/],
  ])('are refused: %j', (args, message) => {
    expect(refusal(args)).toMatch(message);
  });

  it('are texts where texts are asked for', () => {
    const args = { ...plain, experiment_name: '{}', idempotency_key: '42' };
    expect(read(args).data).toMatchObject({ experiment_name: '{}', idempotency_key: '42' });
  });

  it('are rows of data, in which nothing is put right', () => {
    const records = Array.from({ length: 1000 }, () => ({ text: null, label: 1 }));
    expect(refusal({ ...plain, source: { kind: 'inline', records } })).toMatch(
      /records\[0\]\.text must be a string.*and 995 more/,
    );
  });
});

it.each([
  ['a million wrong records', { kind: 'inline', records: Array(1_000_000).fill({ label: null }) }],
  ['a string of a million lists', `{"kind":"inline","records":[${'[],'.repeat(1_000_000)}[]]}`],
])('are refused for their first problems: %s', (_what, given) => {
  const { error } = parseLeniently(runExperimentSchema, { ...plain, source: given });
  expect(error?.issues.length).toBeGreaterThan(0);
  expect(error?.issues.length).toBeLessThan(10_000);
});

it('is how every tool reads its arguments', async () => {
  const doors = createDoors();
  const context = {
    signal: new AbortController().signal,
    caller: openCaller('test'),
    defaultWaitSeconds: 0,
  };
  const call = doors.options.callTool;
  const answer = await call('mlflow_run_experiment', JSON.stringify(fileRequest), context);
  expect(answer.ok).toBe(true);
  expect(doors.started).toMatchObject([fileRequest]);
});
