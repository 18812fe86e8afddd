import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startTestService, type TestService } from '../support/test-service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

interface Run {
  readonly run_id: string;
  readonly workflow_id: string;
  readonly metrics: Readonly<Record<string, number>>;
  readonly model_id: string;
  readonly reused?: boolean;
  readonly registered?: { version: string | null; champion: boolean; reason: string };
}

const source = { kind: 'file', path: 'train.csv', target: 'label' };

async function run(params: Readonly<Record<string, unknown>>): Promise<Run> {
  const answer = await service.invoke('mlflow_run_experiment', { source, ...params });
  expect(answer.error).toBeNull();
  return answer.result as unknown as Run;
}

async function failure(params: Readonly<Record<string, unknown>>) {
  const { failure } = await service.invoke('mlflow_run_experiment', { source, ...params });
  return failure;
}

describe('a registered model', () => {
  const model_name = `churn-${randomUUID()}`;
  const experiment_name = `registry-${randomUUID()}`;
  const wish = (more: object = {}) => ({ experiment_name, register: { model_name, ...more } });

  it('becomes champion, and stays it until a greater metric comes', async () => {
    const first = await run({ ...wish(), params: { C: 1e-6 } });
    expect(first.registered).toMatchObject({ version: '1', champion: true });

    const same = await run({ ...wish(), params: { C: 1e-6 } });
    expect(same.run_id).not.toBe(first.run_id);
    expect(same.registered).toMatchObject({ version: '2', champion: false });
    expect(same.registered?.reason).toContain('not greater than');

    const better = await run(wish());
    expect(better.metrics['f1_weighted']).toBeGreaterThan(first.metrics['f1_weighted'] as number);
    expect(better.registered).toMatchObject({ version: '3', champion: true });
  });

  it('is kept as a version below the minimum, but not as champion', async () => {
    const { registered } = await run(wish({ metric: 'accuracy', minimum: 0.99 }));
    expect(registered).toMatchObject({ version: '4', champion: false });
    expect(registered?.reason).toBe('accuracy 0.925 is below the minimum 0.99.');
  });

  it('needs a metric that the run has', async () => {
    expect(await failure(wish({ metric: 'roc_auc_ovr_weighted' }))).toMatchObject({
      ...{ code: 'UNKNOWN_METRIC', step: 'load' },
    });
    expect(await failure(wish({ metric: 'beauty' }))).toMatchObject({ code: 'INVALID_REQUEST' });
    expect(await failure({ experiment_name, register: { model_name: 'a/b' } })).toMatchObject({
      code: 'INVALID_REQUEST',
    });
  });
});

describe('a request that may reuse a run', () => {
  const experiment_name = `reuse-${randomUUID()}`;
  const reuse = { experiment_name, reuse: true };

  it('gets the finished run of the same data and params, and computes otherwise', async () => {
    const first = await run(reuse);
    expect(first.reused).toBeUndefined();
    const again = await run({ ...reuse, params: { tol: 0.0001 } });
    expect(again).toMatchObject({ reused: true, run_id: first.run_id, metrics: first.metrics });
    expect(again.workflow_id).not.toBe(first.workflow_id);
    expect((await run({ experiment_name })).run_id).not.toBe(first.run_id);
    expect((await run({ ...reuse, params: { C: 2 } })).reused).toBeUndefined();
    const elsewhere = await run({ reuse: true, experiment_name: `${experiment_name}-2` });
    expect(elsewhere.reused).toBeUndefined();

    const view = await service.invoke('mlflow_get_run', { run_id: again.workflow_id });
    expect(view.result).toMatchObject({ run_id: first.run_id, status: 'FINISHED' });
  });

  it('computes again when the file has changed', async () => {
    const path = join(service.data, 'changing.csv');
    const text = await readFile(join(service.data, 'train.csv'), 'utf8');
    await writeFile(path, text);
    const changing = { ...reuse, source: { ...source, path: 'changing.csv' } };
    // The same bytes under another name are the same data.
    expect((await run(changing)).reused).toBe(true);
    await writeFile(path, text.split('\n').slice(0, -20).join('\n'));
    expect((await run(changing)).reused).toBeUndefined();
    expect((await run(changing)).reused).toBe(true);
  });

  it('compares the rows of a query', async () => {
    const conn = `sqlite:///${join(service.data, 'demo.sqlite')}`;
    const query = (limit: number) => ({
      ...{ kind: 'sql', conn, target: 'y' },
      query: `SELECT * FROM training_table ORDER BY rowid LIMIT ${limit}`,
    });
    const first = await run({ ...reuse, source: query(300) });
    expect(first.reused).toBeUndefined();
    expect(await run({ ...reuse, source: query(300) })).toMatchObject({ run_id: first.run_id });
    expect((await run({ ...reuse, source: query(299) })).reused).toBeUndefined();
  });

  it('registers the model that is there already', async () => {
    const register = { model_name: `reused-${randomUUID()}` };
    const again = await run({ ...reuse, register });
    expect(again).toMatchObject({ reused: true, registered: { version: '1', champion: true } });
    const twice = await run({ ...reuse, register });
    expect(twice).toMatchObject({ reused: true, registered: { version: '1', champion: true } });
  });
});
