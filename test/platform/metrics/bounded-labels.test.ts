import { randomBytes, randomUUID } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { REFUSAL_REASONS } from '../../../platform/metrics/call-metrics.ts';
import { createMetrics, type Metrics } from '../../../platform/metrics/create-metrics.ts';
import { FAILURES } from '../../../schemas/failure.ts';
import { STEPS } from '../../../schemas/names.ts';

const TOOLS = ['mlflow_get_run', 'mlflow_run_experiment'];

/** What a caller, a broken MLflow or a later version might say. */
const strange = (): string =>
  [randomUUID(), randomBytes(6).toString('base64'), `a"b\\c\n${Math.random()}`, '', 'constructor'][
    Math.floor(Math.random() * 5)
  ]!;

function anything({ steps, calls, tracking, experiments, audit, blobs }: Metrics): void {
  const name = strange();
  const tool = Math.random() < 0.5 ? name : TOOLS[0]!;
  calls.answered(tool, Math.random(), Math.random() < 0.5 ? strange() : 'RATE_LIMITED');
  calls.refused(REFUSAL_REASONS[0]);
  const activityType = Math.random() < 0.5 ? strange() : STEPS.load;
  steps.began({ activityType, queue: 'steps', attempt: 2, waitedSeconds: -1 })('failed', strange());
  steps.loaded({ rows: 1, bytes: 1 });
  const paths = [
    `/api/2.0/mlflow/${strange()}/${strange()}?run_id=${strange()}`,
    `/api/2.0/mlflow/logged-models/${strange()}/tags`,
    `/api/2.0/mlflow-artifacts/artifacts/${strange()}/model.onnx`,
    `/api/2.0/mlflow-artifacts/mpu/${strange()}/x`,
    strange(),
  ];
  for (const path of paths) tracking.asked({ method: strange(), path }, 1, strange());
  experiments.ended('failed', 1);
  audit.appended(1, 0.001);
  blobs.moved('read', 10);
}

const seriesOf = async (metrics: Metrics): Promise<string[]> =>
  (await metrics.page()).text
    .split('\n')
    .filter((line) => /^(mlflow|durable_experiments)_/.test(line))
    .map((line) => line.slice(0, line.lastIndexOf(' ')));

describe('the labels of our metrics', () => {
  it('have the same few values whatever comes', async () => {
    const metrics = createMetrics({ role: 'start', version: '1' }, TOOLS);
    for (let i = 0; i < 400; i += 1) anything(metrics);
    const some = await seriesOf(metrics);
    for (let i = 0; i < 800; i += 1) anything(metrics);
    const more = await seriesOf(metrics);
    expect(new Set(more).size).toBe(more.length);
    expect(more.filter((series) => !some.includes(series))).toEqual([]);
    expect(more.length).toBeLessThan(400);
  });

  it('name calls of MLflow by what they ask, without ids, names and paths', async () => {
    const metrics = createMetrics({ role: 'worker', version: '1' });
    const id = randomUUID();
    for (const [method, path] of [
      ['POST', '/api/2.0/mlflow/runs/create'],
      ['GET', `/api/2.0/mlflow/runs/get?run_id=${id}`],
      ['PATCH', `/api/2.0/mlflow/logged-models/${id}`],
      ['POST', '/api/2.0/mlflow/logged-models'],
      ['PATCH', `/api/2.0/mlflow/logged-models/${id}/tags`],
      ['PUT', `/api/2.0/mlflow-artifacts/artifacts/1/${id}/artifacts/report.html`],
      ['GET', `/api/2.0/mlflow-artifacts/artifacts?path=1/${id}`],
      ['POST', `/api/2.0/mlflow-artifacts/mpu/complete/1/${id}`],
      ['GET', '/version'],
    ] as const) {
      metrics.tracking.asked({ method, path }, 0.1);
    }
    const text = (await seriesOf(metrics)).join('\n');
    expect(text).not.toContain(id);
    const calls = [...text.matchAll(/mlflow_calls_total\{call="([^"]+)"/g)].map(([, call]) => call);
    expect(calls).toEqual([
      ...['runs/create', 'runs/get', 'logged-models/patch', 'logged-models/post'],
      ...['artifacts/put', 'artifacts/list', 'multipart/complete', 'version'],
    ]);
  });

  it('keep every failure code apart', async () => {
    const metrics = createMetrics({ role: 'worker', version: '1' });
    const attempt = {
      activityType: STEPS.load,
      queue: 'steps',
      attempt: 1,
      waitedSeconds: 0,
    } as const;
    for (const code of Object.keys(FAILURES)) metrics.steps.began(attempt)('failed', code);
    const counted = (await seriesOf(metrics)).filter((series) =>
      /step_attempts_total\{.*outcome="failed"/.test(series),
    );
    expect(counted).toHaveLength(Object.keys(FAILURES).length);
  });
});
