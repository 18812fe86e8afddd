import { countTokens } from 'gpt-tokenizer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { endlessTraining } from '../support/endless-training.ts';
import { startTestService, type TestService } from '../support/test-service.ts';

let service: TestService;
beforeAll(async () => {
  // Its trainings go on until they are ended: they leave a core to the other tests.
  service = await startTestService({ TRAIN_THREADS: '1' });
});
afterAll(() => service.stop());

interface Summary {
  readonly status: string | null;
  readonly cursor: string;
  readonly next_poll_seconds: number | null;
  readonly workflow: { readonly workflow_id: string; readonly status: string };
  readonly steps: readonly { readonly step: string; readonly status: string }[];
}

/** Starts a run that goes on until its time is over. */
async function start(timeout_seconds: number): Promise<string> {
  const { result, error } = await service.invoke('mlflow_run_experiment', {
    ...{ experiment_name: 'followed', wait_seconds: 0 },
    ...(await endlessTraining(service.data)),
    limits: { timeout_seconds },
  });
  expect(error).toBeNull();
  return String(result?.['workflow_id']);
}

async function get(run_id: string, more: object = {}): Promise<Summary> {
  const { result, error } = await service.invoke('mlflow_get_run', { run_id, ...more });
  expect(error).toBeNull();
  return result as unknown as Summary;
}

const going = ({ steps }: Summary): string | undefined =>
  steps.find(({ status }) => status === 'RUNNING')?.step;
const cancel = (run_id: string) => service.invoke('mlflow_cancel_run', { run_id });

describe('following a run', () => {
  it('costs a few short answers, each at a change, up to the end', async () => {
    const id = await start(8);
    let view = await get(id);
    const seen = new Set<string>();
    let calls = 1;
    while (view.workflow.status === 'RUNNING') {
      expect(countTokens(JSON.stringify(view))).toBeLessThan(600);
      expect(seen).not.toContain(view.cursor);
      seen.add(view.cursor);
      view = await get(id, { wait_seconds: 45, cursor: view.cursor });
      calls += 1;
    }
    expect(view).toMatchObject({ status: 'FAILED', next_poll_seconds: null });
    expect(countTokens(JSON.stringify(view))).toBeLessThan(1000);
    // One for each step that was seen to begin, at the most; the training is one of them.
    expect(calls).toBeLessThanOrEqual(10);
  });

  it('without a cursor is one call, which returns at the end', async () => {
    const id = await start(6);
    const [early, late] = await Promise.all([get(id), get(id, { wait_seconds: 45 })]);
    expect(early.workflow.status).toBe('RUNNING');
    expect(early.next_poll_seconds).toBeGreaterThanOrEqual(2);
    expect(late).toMatchObject({ status: 'FAILED', workflow: { status: 'FAILED' } });
  });

  it('answers at once to a cursor that is out of date, or of another run', async () => {
    const id = await start(60);
    const { cursor } = await get(id, { wait_seconds: 45, cursor: 'of another run' });
    expect(cursor).toMatch(/^[0-9a-f]{16}$/);
    await cancel(id);
    // Perhaps before it had an MLflow run.
    expect(await get(id, { wait_seconds: 45, cursor })).toMatchObject({
      workflow: { status: 'CANCELLED' },
    });
  });

  it('ends without the run when the caller goes, or when the time is over', async () => {
    const id = await start(60);
    const gone = new AbortController();
    const waiting = fetch(`${service.url}/invoke`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ tool: 'mlflow_get_run', params: { run_id: id, wait_seconds: 45 } }),
      signal: gone.signal,
    });
    let view = await get(id, { wait_seconds: 1 });
    expect(view.workflow.status).toBe('RUNNING');
    gone.abort();
    await expect(waiting).rejects.toThrow();
    while (going(view) !== 'train') view = await get(id, { wait_seconds: 45, cursor: view.cursor });
    const { cursor } = view;
    expect(await get(id, { wait_seconds: 1, cursor })).toMatchObject({
      ...{ cursor, workflow: { status: 'RUNNING' } },
    });
    expect((await cancel(id)).result).toMatchObject({ status: 'KILLED' });
  });

  it('goes on while somebody has paused it in Temporal, and says so', async () => {
    const id = await start(60);
    const { workflowService } = service.temporal;
    const workflow = { namespace: 'default', workflowId: id, identity: 'test', reason: 'to look' };
    await workflowService.pauseWorkflowExecution(workflow);
    const paused = await get(id, { wait_seconds: 1 });
    expect(paused).toMatchObject({ workflow: { status: 'PAUSED' }, notes: [] });
    expect(paused.next_poll_seconds).toBeGreaterThan(0);
    await workflowService.unpauseWorkflowExecution(workflow);
    const going = await get(id, { wait_seconds: 45, cursor: paused.cursor });
    expect(going.workflow.status).toBe('RUNNING');
    expect((await cancel(id)).result).toMatchObject({ status: 'KILLED' });
  });

  it('refuses a wait that is out of range, and names the range', async () => {
    const answer = await service.invoke('mlflow_get_run', { run_id: 'x', wait_seconds: 46 });
    expect(answer).toMatchObject({ status: 400, failure: { code: 'INVALID_REQUEST' } });
    expect(JSON.stringify(answer.failure)).toMatch(/wait_seconds.*45/);
  });
});
