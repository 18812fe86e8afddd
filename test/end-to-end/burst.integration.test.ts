import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { startTestService, type TestService } from '../support/test-service.ts';

/** `npm run prove` starts a hundred. */
const EXPERIMENTS = Number(process.env['BURST'] ?? 12);

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

async function mlflow<T>(path: string, body?: object): Promise<T> {
  const response = await fetch(`${inject('mlflow')}/api/2.0/mlflow/${path}`, {
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/json' },
  });
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

describe(`${EXPERIMENTS} experiments started at once`, () => {
  it('leave as many MLflow runs with one model each, all whole, and MLflow healthy throughout', async () => {
    const experiment_name = `burst-${randomUUID()}`;
    let over = false;
    const unhealthy: number[] = [];
    const watching = (async () => {
      while (!over) {
        const { status } = await fetch(`${service.url}/health`);
        if (status !== 200) unhealthy.push(status);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    })();
    const answers = await Promise.all(
      Array.from({ length: EXPERIMENTS }, (_, i) =>
        service.invoke('mlflow_run_experiment', {
          experiment_name,
          source: { kind: 'file', path: 'train.csv', target: 'label' },
          params: { C: 1 + i },
        }),
      ),
    );
    over = true;
    await watching;

    expect(unhealthy).toEqual([]);
    expect(answers.map(({ error }) => error)).toEqual(answers.map(() => null));
    const { experiment } = await mlflow<{ experiment: { experiment_id: string } }>(
      `experiments/get-by-name?experiment_name=${experiment_name}`,
    );
    const { runs } = await mlflow<{ runs: { info: { run_id: string; status: string } }[] }>(
      'runs/search',
      { experiment_ids: [experiment.experiment_id], max_results: 2 * EXPERIMENTS + 10 },
    );
    const ids = answers.map(({ result }) => result?.['run_id']);
    expect(runs.map(({ info }) => info.run_id).sort()).toEqual(ids.sort());
    expect(new Set(runs.map(({ info }) => info.status))).toEqual(new Set(['FINISHED']));
    const { models } = await mlflow<{ models: { info: Record<string, string> }[] }>(
      'logged-models/search',
      { experiment_ids: [experiment.experiment_id], max_results: 2 * EXPERIMENTS + 10 },
    );
    expect(models.map(({ info }) => info['source_run_id']).sort()).toEqual(ids.sort());
    expect(new Set(models.map(({ info }) => info['status']))).toEqual(
      new Set(['LOGGED_MODEL_READY']),
    );
  }, 600_000);
});
