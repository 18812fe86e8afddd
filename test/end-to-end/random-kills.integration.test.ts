import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { startTestService, type TestService } from '../support/test-service.ts';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.ts';

/** Moments at which the worker is killed; `npm run prove` takes ten, with four experiments each. */
const KILLS = Number(process.env['KILLS'] ?? 1);
const EXPERIMENTS = 4;
/** An experiment takes about so long, in milliseconds. */
const LENGTH = 1200;

let service: TestService;
let worker: WorkerProcess;
beforeAll(async () => {
  service = await startTestService({}, { worker: false });
  worker = await startWorkerProcess(service.settings);
});
afterAll(async () => {
  await worker.kill();
  await service.stop();
});

const SOURCES = [
  { kind: 'file', path: 'train.csv', target: 'label' },
  {
    kind: 'sql',
    conn: 'sqlite:///demo.sqlite',
    query: 'SELECT * FROM training_table',
    target: 'y',
  },
  {
    kind: 'inline',
    records: Array.from({ length: 60 }, (_, i) => ({
      text: `${i % 3 === 0 ? 'flood' : 'picnic'} number ${i}`,
      label: i % 3 === 0 ? 'hazard' : 'calm',
    })),
  },
];

interface Ended {
  readonly status: string;
  readonly run_id: string;
  readonly metrics: Readonly<Record<string, number>>;
  readonly workflow: { readonly status: string };
  readonly notes: readonly string[];
}

async function start(experiment_name: string, source: object): Promise<string> {
  const { result, error } = await service.invoke('mlflow_run_experiment', {
    ...{ experiment_name, source, wait_seconds: 0 },
  });
  expect(error).toBeNull();
  return String(result?.['workflow_id']);
}

/** Waits for the end; the test's own timeout is the limit. */
async function ended(id: string): Promise<Ended> {
  for (;;) {
    const { result } = await service.invoke('mlflow_get_run', { run_id: id });
    const view = result as unknown as Ended | null;
    if (view && view.workflow.status !== 'RUNNING') return view;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function search<T>(path: string, body: object): Promise<T> {
  const response = await fetch(`${inject('mlflow')}/api/2.0/mlflow/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await response.json()) as T;
}

/** Seeded: the same moments each time. */
function moments(count: number): number[] {
  let state = 20_261_122;
  return Array.from({ length: count }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return state % LENGTH;
  });
}

describe('a worker that is killed', () => {
  it(`${KILLS} times leaves every experiment whole, once`, { timeout: 900_000 }, async () => {
    const undisturbed = await Promise.all(
      SOURCES.map(async (source) => ended(await start(`calm-${randomUUID()}`, source))),
    );
    for (const moment of moments(KILLS)) {
      const name = `killed-${randomUUID()}`;
      const started = await Promise.all(
        Array.from({ length: EXPERIMENTS }, async (_, i) => {
          const kind = i % SOURCES.length;
          return { id: await start(name, SOURCES[kind] as object), kind };
        }),
      );
      await new Promise((resolve) => setTimeout(resolve, moment));
      await worker.kill();
      worker = await startWorkerProcess(service.settings);

      const ids: string[] = [];
      for (const { id, kind } of started) {
        const view = await ended(id);
        expect(view).toMatchObject({
          ...{ status: 'FINISHED', workflow: { status: 'COMPLETED' }, notes: [] },
          metrics: undisturbed[kind]?.metrics,
        });
        ids.push(view.run_id);
      }
      const experiment = await experimentId(ids[0] as string);
      const { runs } = await search<{ runs: { info: { run_id: string } }[] }>('runs/search', {
        experiment_ids: [experiment],
      });
      expect(runs.map(({ info }) => info.run_id).sort()).toEqual(ids.toSorted());
      const { models } = await search<{ models: { info: Record<string, string> }[] }>(
        'logged-models/search',
        { experiment_ids: [experiment] },
      );
      expect(models.map(({ info }) => info['source_run_id']).sort()).toEqual(ids.toSorted());
      expect(new Set(models.map(({ info }) => info['status']))).toEqual(
        new Set(['LOGGED_MODEL_READY']),
      );
    }
  });
});

async function experimentId(runId: string): Promise<string> {
  const response = await fetch(`${inject('mlflow')}/api/2.0/mlflow/runs/get?run_id=${runId}`);
  const { run } = (await response.json()) as { run: { info: { experiment_id: string } } };
  return run.info.experiment_id;
}
