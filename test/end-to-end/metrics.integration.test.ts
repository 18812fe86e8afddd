import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { createMetrics } from '../../platform/metrics/create-metrics.ts';
import { TOOLS } from '../../server/tools/index.ts';
import { startTestService, type TestService } from '../support/test-service.ts';

let service: TestService;
beforeAll(async () => {
  const tools = TOOLS.map(({ name }) => name);
  const metrics = createMetrics({ role: 'start', version: '1' }, tools);
  service = await startTestService({}, { metrics });
});
afterAll(() => service.stop());

async function shown(): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${service.url}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

it('server and worker of one process show one page, with the SDK’s own beside it', async () => {
  const source = { kind: 'file', path: 'later.csv', target: 'label' };
  const request = { experiment_name: 'counted', source };
  await writeFile(join(service.data, 'later.csv'), 'a,label\n1,x\n2,x\n3,x\n');
  const failed = await service.invoke('mlflow_run_experiment', request);
  expect(failed.failure).toMatchObject({ code: 'ONE_CLASS' });
  await rename(join(service.data, 'train.csv'), join(service.data, 'later.csv'));
  const { run_id } = failed.failure!;
  await service.invoke('mlflow_retry_run', { run_id, reason: 'mended' });
  const ended = await service.invoke('mlflow_get_run', { run_id, wait_seconds: 30 });
  expect(ended.result).toMatchObject({ status: 'FINISHED' });
  // The worker is told of the end right after Temporal.
  const ends = async () => (await shown()).get('mlflow_experiments_total{status="completed"}');
  await expect.poll(ends).toBe(1);

  const now = await shown();
  const total = (status: string) => now.get(`mlflow_experiments_total{status="${status}"}`);
  expect([total('started'), total('failed'), total('cancelled')]).toEqual([1, 1, 0]);
  // How long somebody took to mend the data is no time of an experiment.
  expect(now.get('mlflow_experiment_duration_seconds_count')).toBe(1);
  expect(now.get('mlflow_active_experiments')).toBe(0);
  const attempts = (step: string, outcome: string, code: string) =>
    now.get(
      `durable_experiments_step_attempts_total{step="${step}",outcome="${outcome}",code="${code}"}`,
    );
  expect(attempts('load', 'failed', 'ONE_CLASS')).toBe(1);
  expect(attempts('train', 'completed', 'none')).toBe(1);
  expect(now.get('durable_experiments_rows_loaded_total')).toBeGreaterThan(3);
  expect(now.get('durable_experiments_blob_bytes_total{direction="written"}')).toBeGreaterThan(0);
  expect(now.get('durable_experiments_step_slots{queue="steps"}')).toBe(20);
  expect(now.get('durable_experiments_compute_threads_busy')).toBe(0);
  expect(now.get('durable_experiments_memory_budget_used_bytes')).toBe(0);
  expect(now.get('durable_experiments_mlflow_calls_total{call="runs/create",code="none"}')).toBe(1);
  expect(now.get('durable_experiments_audit_events_total')).toBeGreaterThan(10);
  expect([...now.keys()].some((name) => name.startsWith('temporal_workflow_completed_total'))).toBe(
    true,
  );
});
