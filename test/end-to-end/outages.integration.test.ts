import { afterEach, describe, expect, inject, it, onTestFinished } from 'vitest';

import { startFaultProxy } from '../support/fault-proxy.ts';
import { startTestService, type TestService } from '../support/test-service.ts';
import { startRelay } from '../support/tcp-relay.ts';

let service: TestService;
afterEach(() => service.stop());

interface View {
  readonly status: string | null;
  readonly workflow: { readonly status: string };
  readonly notes: readonly string[];
  readonly steps: readonly {
    readonly step: string;
    readonly status: string;
    readonly attempts: number;
    readonly waiting_since: string | null;
    readonly next_attempt_at: string | null;
    readonly failure: { readonly code: string; readonly hint: string } | null;
  }[];
}
type Step = View['steps'][number];

async function start(source: object): Promise<string> {
  const { result, error } = await service.invoke('mlflow_run_experiment', {
    ...{ experiment_name: 'outages', source, wait_seconds: 0 },
  });
  expect(error).toBeNull();
  return String(result?.['workflow_id']);
}

/** Asks until the view is as wanted; the test's own timeout is the limit. */
async function viewWhen(id: string, wanted: (view: View) => boolean): Promise<View> {
  for (;;) {
    const { result } = await service.invoke('mlflow_get_run', { run_id: id });
    const view = result as unknown as View | null;
    if (view && wanted(view)) return view;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const waiting = ({ steps }: View): Step | undefined =>
  steps.find(({ status }) => status === 'WAITING');

/** A step that waits between two attempts, first and then some attempts later. */
async function twoLooks(id: string): Promise<[Step, Step]> {
  const first = waiting(await viewWhen(id, (view) => waiting(view) !== undefined)) as Step;
  const later = await viewWhen(id, (view) => (waiting(view)?.attempts ?? 0) >= first.attempts + 2);
  return [first, waiting(later) as Step];
}

function expectOneWait([first, later]: readonly [Step, Step], code: string): void {
  expect(later).toMatchObject({ step: first.step, failure: { code } });
  expect(later.waiting_since).toBe(first.waiting_since);
  const at = (time: string | null): number => Date.parse(time ?? '');
  expect(at(later.waiting_since)).toBeLessThan(at(later.next_attempt_at));
  expect(at(first.next_attempt_at)).toBeLessThan(at(later.next_attempt_at));
}

const CSV = { kind: 'file', path: 'train.csv', target: 'label' };

describe('a run whose neighbour is away', () => {
  it('says that it waits for MLflow, since when and until when, and goes on', async () => {
    const proxy = await startFaultProxy({ target: inject('mlflow'), mode: 'refuse' });
    service = await startTestService({ MLFLOW_TRACKING_URI: proxy.url });
    const id = await start(CSV);
    const looks = await twoLooks(id);
    expect(looks[0].step).toBe('open');
    expectOneWait(looks, 'MLFLOW_UNAVAILABLE');
    const { result } = await service.invoke('mlflow_run_experiment', {
      ...{ experiment_name: 'outages', source: CSV, wait_seconds: 0 },
    });
    expect(result).toMatchObject({ status: 'RUNNING', run_id: null });

    await proxy.setMode('ok');
    for (const one of [id, String(result?.['workflow_id'])]) {
      expect(await viewWhen(one, ({ workflow }) => workflow.status !== 'RUNNING')).toMatchObject({
        ...{ status: 'FINISHED', notes: [] },
      });
    }
    await proxy.close();
  });

  it('says that it waits for the database, and goes on', async () => {
    const { host, port, user, password, database } = inject('postgres');
    // In the middle of the rows, however fast they come.
    const relay = await startRelay({ host, port }, { closesAt: 2_000_000 });
    service = await startTestService();
    const conn = `postgresql://${user}:${password}@127.0.0.1:${relay.port}/${database}`;
    const query = 'SELECT a.f1, b.f2, b.y FROM training_table a CROSS JOIN training_table b';
    const id = await start({ kind: 'sql', conn, query, target: 'y' });
    const looks = await twoLooks(id);
    expect(looks[0].step).toBe('load');
    expectOneWait(looks, 'DATABASE_UNAVAILABLE');

    relay.setOpen(true);
    expect(await viewWhen(id, ({ workflow }) => workflow.status !== 'RUNNING')).toMatchObject({
      ...{ status: 'FINISHED', notes: [] },
    });
    await relay.stop();
  });
});

// Each call gives Temporal ten seconds.
describe('a run while Temporal is away', { timeout: 120_000 }, () => {
  it('is told of by MLflow, by either of its ids, with a note; a new one is refused for now', async () => {
    const [host = '', port] = inject('temporal').split(':');
    const relay = await startRelay({ host, port: Number(port) });
    onTestFinished(() => relay.stop());
    service = await startTestService({ TEMPORAL_ADDRESS: `127.0.0.1:${relay.port}` });
    const request = { experiment_name: 'outages', source: CSV };
    const { result } = await service.invoke('mlflow_run_experiment', request);
    relay.setOpen(false);
    const ids = [result?.['run_id'], result?.['workflow_id']];
    const [refused, ...answers] = await Promise.all([
      service.invoke('mlflow_run_experiment', request),
      ...ids.map((id) => service.invoke('mlflow_get_run', { run_id: id })),
    ]);
    expect(refused).toMatchObject({ status: 503, failure: { code: 'TEMPORAL_UNAVAILABLE' } });
    for (const answer of answers) {
      expect(answer.result).toMatchObject({
        ...{ status: 'FINISHED', run_id: result?.['run_id'], workflow: null, steps: [] },
        ...{ metrics: result?.['metrics'] },
        notes: ['Temporal does not answer: the steps are missing.'],
      });
    }
    relay.setOpen(true);
  });
});

describe('a run that no worker takes up', () => {
  it('says so', async () => {
    service = await startTestService({}, { worker: false });
    const id = await start(CSV);
    const view = await viewWhen(id, ({ notes }) => notes.length > 0);
    expect(view.notes).toEqual([
      expect.stringMatching(/^No worker has asked for work for minutes/),
    ]);
    expect(view).toMatchObject({ status: null, workflow: { status: 'RUNNING' } });
  });
});
