import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';

import type { SentSpan } from '../support/otlp-messages.ts';
import { startOtlpCollector, type OtlpCollector } from '../support/otlp-collector.ts';
import { followRuns, stepOf, type Followed } from '../support/follow-runs.ts';
import { manyTexts } from '../support/many-texts.ts';
import { startTestService, type TestService } from '../support/test-service.ts';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.ts';

let service: TestService;
let worker: WorkerProcess;
let collector: OtlpCollector;
beforeAll(async () => {
  collector = await startOtlpCollector();
  service = await startTestService(
    {
      ...{ CHECKPOINT_SECONDS: '0.3', STOP_GRACE_SECONDS: '0.5' },
      ...{ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '100' },
    },
    { worker: false },
  );
});
afterEach(() => worker.kill());
afterAll(async () => {
  await service.stop();
  await collector.close();
});

const { start, when, ended: endOf } = followRuns(() => service, 'killed');
const long = {
  source: { kind: 'inline', records: manyTexts(4500, { words: 30, vocabulary: 3000 }) },
  params: { C: 1e6, tol: 1e-12, max_iter: 400 },
};

const trainOf = (view: Followed) => stepOf(view, 'train');
const iterationOf = (view: Followed): number =>
  Number(/^iteration (\d+)/.exec(trainOf(view)?.progress?.message ?? '')?.[1] ?? 0);

async function modelHash(runId: string): Promise<string | undefined> {
  const response = await fetch(`${inject('mlflow')}/api/2.0/mlflow/runs/get?run_id=${runId}`);
  const { run } = (await response.json()) as {
    run: { data: { tags: { key: string; value: string }[] } };
  };
  return run.data.tags.find(({ key }) => key === 'model.sha256')?.value;
}

/** The same run without a worker that goes: one does for both. */
let undisturbed: Promise<Followed> | undefined;
const calm = (): Promise<Followed> =>
  (undisturbed ??= start(long).then((id) => when(id, ({ status }) => status === 'FINISHED')));

function trainEvents(workflowId: string): Record<string, unknown>[] {
  const file = join(service.settings['STATE_DIR'] as string, 'audit', 'audit.db');
  using database = new DatabaseSync(file, { readOnly: true });
  return database
    .prepare(
      'select body from audit_events join audit_subjects using (chain, seq) where subject = ? order by seq',
    )
    .all(`workflow:${workflowId}`)
    .map(({ body }) => JSON.parse(String(body)) as Record<string, unknown>)
    .filter((event) => event['temporal.activity'] === 'trainModel');
}

/** Both workers' attempts stand below the run in the trace of the call; of what a killed one did, nobody tells. */
async function checkTrace(id: string, attempts: readonly number[]): Promise<void> {
  const ofRun = (all: readonly SentSpan[]) =>
    all.filter(({ attributes }) => attributes['temporal.workflow_id'] === id);
  const run = ofRun(await collector.until((all) => ofRun(all).some(isRun))).find(isRun);
  const trains = collector.spans.filter(
    ({ name, parentId }) => name === 'RunActivity:trainModel' && parentId === run?.spanId,
  );
  expect(trains.map(({ attributes }) => attributes['temporal.attempt'])).toEqual(attempts);
  expect(new Set(trains.map(({ traceId }) => traceId))).toEqual(new Set([run?.traceId]));
  const start = collector.spans.find(({ spanId }) => spanId === run?.parentId);
  expect(start).toMatchObject({ name: 'StartWorkflow:runExperiment', traceId: run?.traceId });
}
const isRun = ({ name }: SentSpan): boolean => name === 'RunWorkflow:runExperiment';

/** What the worker has said of a run, by the names that every line uses. */
function linesOf(id: string): object[] {
  const names = [
    ...['component', 'workflow_id', 'run_id', 'step', 'attempt', 'tenant', 'outcome'],
    ...['trace_id', 'span_id'],
  ];
  const lines = worker
    .said()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return lines
    .filter(({ workflow_id }) => workflow_id === id)
    .map((line) => Object.fromEntries(names.map((name) => [name, line[name]])));
}

describe('a worker that goes in the middle of a training', { timeout: 180_000 }, () => {
  it.each([
    ['killed', (worker: WorkerProcess) => worker.kill()],
    ['asked to stop, as by a deploy', (worker: WorkerProcess) => worker.stop()],
  ])(
    '%s: costs the time since the last checkpoint, and not a bit of the model',
    async (how, end) => {
      worker = await startWorkerProcess(service.settings);
      const id = await start(long);
      const before = await when(
        id,
        (view) => (trainOf(view)?.progress?.checkpoint?.iteration ?? 0) >= 20,
      );
      const kept = trainOf(before)?.progress?.checkpoint?.iteration as number;
      await end(worker);

      worker = await startWorkerProcess(service.settings);
      const resumed = await when(
        id,
        (view) =>
          view.workflow.status !== 'RUNNING' ||
          (trainOf(view)?.attempts === 2 && iterationOf(view) > 0),
      );
      expect(resumed.workflow.status).toBe('RUNNING');
      expect(iterationOf(resumed)).toBeGreaterThan(kept);
      const ended = await endOf(id);
      expect(ended).toMatchObject({ status: 'FINISHED', workflow: { status: 'COMPLETED' } });

      const undisturbed = await calm();
      expect(trainOf(undisturbed)?.attempts).toBe(1);
      expect(ended.metrics).toEqual(undisturbed.metrics);
      expect(await modelHash(ended.run_id)).toBe(await modelHash(undisturbed.run_id));

      // A killed worker leaves no end; one that stops tells of it, and which checkpoint came next.
      const told = trainEvents(id);
      const attempts = (name: string) =>
        told
          .filter((event) => event['event.name'] === name)
          .map((event) => event['temporal.attempt']);
      expect(attempts('attempt.started')).toEqual([1, 2]);
      expect(attempts('attempt.ended')).toEqual(how === 'killed' ? [2] : [1, 2]);
      expect(attempts('checkpoint.resumed')).toEqual([2]);
      const saved = told.find((event) => event['event.name'] === 'checkpoint.saved');
      expect(saved).toMatchObject({ 'temporal.attempt': 1 });

      await checkTrace(id, how === 'killed' ? [2] : [1, 2]);
      expect(linesOf(id)).toContainEqual({
        ...{ step: 'train', attempt: 2, outcome: 'completed', tenant: 'default' },
        ...{ workflow_id: id, run_id: ended.run_id, component: 'worker' },
        trace_id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
        span_id: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
      });
    },
  );
});
