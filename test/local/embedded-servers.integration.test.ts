import { Connection } from '@temporalio/client';
import { describe, expect, inject, it } from 'vitest';
import '../support/provided.ts';

const CLIENTS = 60;

async function mlflow<T>(path: string, body: object): Promise<T> {
  const response = await fetch(`${inject('mlflow')}/api/2.0/mlflow/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status, await response.clone().text()).toBe(200);
  return (await response.json()) as T;
}

describe('the embedded Temporal', () => {
  it('keeps finished workflows for 30 days', async () => {
    const connection = await Connection.connect({ address: inject('temporal') });
    const { config } = await connection.workflowService.describeNamespace({ namespace: 'default' });
    await connection.close();

    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 86_400);
  });

  it('shows its UI', async () => {
    expect((await fetch(inject('temporalUi'))).status).toBe(200);
  });
});

describe('the embedded MLflow', () => {
  it('carries many clients at once that create, search, log and close', async () => {
    const { experiment_id } = await mlflow<{ experiment_id: string }>('experiments/create', {
      name: `many clients ${process.pid} ${Date.now()}`,
    });
    const client = async (number: number): Promise<string | undefined> => {
      const { run } = await mlflow<{ run: { info: { run_id: string } } }>('runs/create', {
        experiment_id,
        start_time: Date.now(),
        tags: [{ key: 'client', value: String(number) }],
      });
      const { run_id } = run.info;
      await mlflow('runs/log-batch', { run_id, params: [{ key: 'model', value: 'demo' }] });
      await mlflow('runs/update', { run_id, status: 'FINISHED', end_time: Date.now() });
      const { runs } = await mlflow<{ runs?: { info: { run_id: string } }[] }>('runs/search', {
        experiment_ids: [experiment_id],
        filter: `tags.client = '${number}'`,
        max_results: 2,
      });
      expect(runs?.map((found) => found.info.run_id)).toEqual([run_id]);
      return run_id;
    };

    const ids = await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));

    expect(new Set(ids).size).toBe(CLIENTS);
  });
});
