import { describe, expect, it } from 'vitest';

import { openCaller } from '../../../schemas/caller.ts';
import { inputJsonSchema } from '../../../server/tools/json-schema.ts';
import type { RunView } from '../../../schemas/run-view.ts';
import { createDoors, failedRun } from '../fake-experiments.ts';

const view: RunView = {
  ...{ run_id: 'r1', experiment_id: '7', status: 'KILLED', params: {}, metrics: {}, artifacts: [] },
  workflow: {
    ...{ workflow_id: 'experiment-1', run_id: 't', status: 'CANCELLED' },
    ...{ started_at: null, ended_at: null },
  },
  ...{ steps: [], failure: null, warnings: [], notes: ['a note'] },
  ...{ cursor: 'c', next_poll_seconds: null },
  links: { mlflow: null, temporal: null },
};
const retryArguments = { run_id: 'r1', reason: 'mended' };

function callsOf(doors: ReturnType<typeof createDoors>) {
  const context = {
    signal: new AbortController().signal,
    caller: openCaller('test'),
    defaultWaitSeconds: 30,
  };
  return (name: string, args: unknown) => doors.options.callTool(name, args, context);
}

describe.each([
  ['mlflow_retry_run', 'mlflow.retry_run', retryArguments],
  ['mlflow_cancel_run', 'mlflow.cancel_run', { run_id: 'r1' }],
])('%s', (name, dottedName, args) => {
  const doors = createDoors({ get: async () => view });
  const tool = doors.options.tools.find((candidate) => candidate.name === name);

  it('keeps to the schema that it advertises, under both names', async () => {
    const outcome = await callsOf(doors)(dottedName, args);
    if (!outcome.ok) throw new Error(outcome.failure.message);
    expect(tool?.output.strict().safeParse(outcome.output).error).toBeUndefined();
  });

  it('costs few tokens in a list of tools', () => {
    const listed = JSON.stringify(inputJsonSchema(tool!)) + tool!.description;
    expect(listed.length / 4).toBeLessThan(250);
  });
});

describe('a retry', () => {
  it('waits as long as a run, and tells from which step it is', async () => {
    const doors = createDoors();
    const calls = callsOf(doors);
    expect(await calls('mlflow_retry_run', retryArguments)).toMatchObject({
      output: { status: 'FINISHED', retried_from: 'train' },
    });
    await calls('mlflow_retry_run', { ...retryArguments, wait_seconds: 2 });
    expect(doors.waits).toEqual([30, 2]);
  });

  it.each([[undefined], [''], [' \n '], ['x'.repeat(501)]])(
    'needs a reason: %j',
    async (reason) => {
      const outcome = await callsOf(createDoors())('mlflow_retry_run', { run_id: 'r1', reason });
      expect(outcome).toMatchObject({ ok: false, failure: { code: 'INVALID_REQUEST' } });
    },
  );

  it('says so when it was made before and failed', async () => {
    const hintOf = async (repeated: boolean) => {
      const doors = createDoors({
        retry: async () => ({ workflowId: 'experiment-2', step: 'load', repeated }),
        wait: () => Promise.reject(failedRun),
      });
      const outcome = await callsOf(doors)('mlflow_retry_run', retryArguments);
      return outcome.ok ? '' : outcome.failure.hint;
    };
    expect(await hintOf(false)).toBe('Choose another target.');
    expect(await hintOf(true)).toMatch(/^Choose another target\. .*another reason/);
  });
});

describe('a cancellation', () => {
  it('tells how the run ended, and does not wait for one that had ended', async () => {
    const doors = createDoors({
      get: async () => ({ ...view, workflow: { ...view.workflow!, status: 'COMPLETED' } }),
      cancel: async () => ({ workflowId: 'experiment-1', asked: false }),
    });
    expect(await callsOf(doors)('mlflow_cancel_run', { run_id: 'r1' })).toMatchObject({
      output: { status: 'FINISHED', message: 'The run had finished before.', notes: ['a note'] },
    });
    expect(doors.waits).toEqual([]);
  });

  it('takes a failure of the run that it waits for as the run’s end', async () => {
    const doors = createDoors({ get: async () => view, wait: () => Promise.reject(failedRun) });
    expect(await callsOf(doors)('mlflow_cancel_run', { run_id: 'r1' })).toMatchObject({
      output: { status: 'KILLED', message: 'The run was cancelled.' },
    });
  });
});
