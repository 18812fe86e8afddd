import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createRandomState } from '../../learning/random/random-state.ts';
import { stratifiedSplit } from '../../learning/split/stratified-split.ts';
import type { Params } from '../../schemas/request.ts';
import { askAll } from '../learning/reference/ask.ts';
import { DEFAULTS } from '../learning/reference/our-experiment.ts';
import type { ReferenceExperiment } from '../learning/reference/problems.ts';
import { startTestService, type TestService } from '../support/test-service.ts';

const random = createRandomState(11);
const labels = (...counts: number[]): number[] =>
  counts.flatMap((rows, code) => Array<number>(rows).fill(code));
const noisy = (codes: readonly number[], scale = 1): number[][] =>
  codes.map((code) => [(random.normal() + code) * scale, random.normal() * scale, code]);

/** Features and a label, and the params of the run. */
const TABLES: Readonly<Record<string, readonly [(number | string)[][], Partial<Params>]>> = {
  'one class to test': [noisy(labels(100, 2)), { test_size: 0.1 }],
  'two of three classes to test': [noisy(labels(100, 100, 2)), { test_size: 0.05 }],
  'more features than rows': [
    labels(15, 15).map((code) => [
      ...Array.from({ length: 200 }, (_, j) => random.normal() + (j % 9 === 0 ? code : 0)),
      code,
    ]),
    {},
  ],
  converging: [noisy(labels(40, 40)), {}],
  'cut short': [noisy(labels(40, 40)), { max_iter: 1 }],
  overflowing: [noisy(labels(40, 40), 1e200), {}],
  'large labels': [
    noisy(labels(30, 30)).map(([a, b, code]) => [a!, b!, code === 0 ? '1e16' : '2.0']),
    {},
  ],
};
const fileOf = (name: string): string => `${name.replaceAll(' ', '-')}.csv`;

let service: TestService;
let answers: Readonly<Record<string, ReferenceExperiment>>;
beforeAll(async () => {
  service = await startTestService();
  const questions = Object.entries(TABLES).map(([name, [table, params]]) => {
    const path = join(service.data, fileOf(name));
    const header = table[0]!.map((_, i, { length }) => (i === length - 1 ? 'y' : `f${i}`));
    const text = [header, ...table].map((cells) => cells.join(',')).join('\n');
    const source = { kind: 'csv', path, target: 'y' } as const;
    return {
      path,
      text,
      question: { op: 'experiment', source, params: { ...DEFAULTS, ...params } } as const,
    };
  });
  for (const { path, text } of questions) await writeFile(path, text);
  const given = await askAll<'experiment'>(questions.map(({ question }) => question));
  answers = Object.fromEntries(Object.keys(TABLES).map((name, i) => [name, given[i]!]));
});
afterAll(() => service.stop());

/** Runs a table through the service, and compares the metrics with those of scikit-learn. */
async function runBoth(name: string) {
  const answer = await service.invoke('mlflow.run_experiment', {
    experiment_name: 'hard-numbers',
    source: { kind: 'file', path: fileOf(name), target: 'y' },
    params: TABLES[name]![1],
  });
  expect(answer.error).toBeNull();
  expect(answer.result?.['status']).toBe('FINISHED');
  const metrics = answer.result?.['metrics'] as Record<string, number>;
  const theirs = answers[name]!;
  for (const [key, value] of Object.entries(theirs.metrics)) {
    expect(metrics[key], key).toBeCloseTo(value, 9);
  }
  return { theirs, metrics, answer: answer.result! };
}

describe('a run beside pandas and scikit-learn', () => {
  it('leaves the ROC AUC out, of the answer and of MLflow, when the test set has one class', async () => {
    const { theirs, metrics, answer } = await runBoth('one class to test');
    expect(theirs.metrics).not.toHaveProperty('roc_auc');
    expect(metrics).not.toHaveProperty('roc_auc');
    expect(Object.values(metrics).every((value) => Number.isFinite(value))).toBe(true);
    const run = await service.invoke('mlflow.get_run', { run_id: answer['run_id'] });
    expect(run.result?.['metrics']).toMatchObject(metrics);
    expect(run.result?.['metrics']).not.toHaveProperty('roc_auc');
  });

  it.each(['two of three classes to test', 'more features than rows'])(
    'has the same metrics: %s',
    async (name) => {
      await runBoth(name);
    },
  );

  it.each(['converging', 'cut short', 'overflowing'])(
    'warns exactly when scikit-learn does: %s',
    async (name) => {
      const { theirs, answer } = await runBoth(name);
      expect(theirs.converged).toBe(name === 'converging');
      const warnings = answer['warnings'] as string[];
      const warned = warnings.some((warning) => warning.includes('did not converge'));
      expect(warned).toBe(!theirs.converged);
    },
  );

  it('takes floating labels that are no safe integers', async () => {
    const { theirs } = await runBoth('large labels');
    expect(theirs.labels).toEqual([2, 1e16]);
  });
});

describe('a run that scikit-learn does not end', () => {
  const run = (source: unknown, params = {}) =>
    service.invoke('mlflow.run_experiment', { experiment_name: 'hard-numbers', source, params });

  it('fails when the predictions are infinity less infinity', async () => {
    const codes = Int32Array.from({ length: 40 }, (_, i) => i % 2);
    const split = { codes, classCount: 2, testSize: 0.2, seed: 42 };
    const huge = stratifiedSplit(split).test[0];
    const lines = Array.from(codes, (code, i) =>
      i === huge ? `1e308,-1e308,${code}` : `${code - 0.5},${code - 0.5},${code}`,
    );
    await writeFile(join(service.data, 'overflow.csv'), `a,b,y\n${lines.join('\n')}\n`);
    const source = { kind: 'file', path: 'overflow.csv', target: 'y' };
    expect(await run(source, { C: 1e6 })).toMatchObject({
      status: 422,
      failure: { code: 'VALUE_OUT_OF_RANGE', step: 'evaluate' },
    });
  });

  it('is refused for labels that are no Unicode', async () => {
    const records = Array.from({ length: 20 }, (_, i) => ({
      text: 'some words',
      label: i % 2 === 0 ? '\ud800' : 'x',
    }));
    expect(await run({ kind: 'inline', records })).toMatchObject({
      status: 400,
      failure: { code: 'INVALID_REQUEST' },
    });
  });

  it.each([{ seed: 2 ** 32 }, { seed: -1 }, { max_iter: -1 }, { test_size: 1 }, { C: 0 }])(
    'is refused at the door for %j',
    async (params) => {
      const source = { kind: 'file', path: 'train.csv', target: 'label' };
      expect(await run(source, params)).toMatchObject({
        status: 400,
        failure: { code: 'INVALID_REQUEST' },
      });
    },
  );
});
