import { randomUUID } from 'node:crypto';

import { expect } from 'vitest';

import type { Agent } from '../agent.ts';
import { longRequest, shortRequest, told } from '../requests.ts';
import type { Stage, Task } from '../task.ts';

/** Calls a tool that has to refuse, with a code and with a hint that says how to go on. */
async function refused(
  agent: Agent,
  tool: string,
  args: Record<string, unknown>,
  [code, hint]: readonly [string, RegExp],
): Promise<void> {
  const { ok, failure, text } = await agent.call(tool, args);
  expect({ tool, args, ok, code: failure.code }).toEqual({ tool, args, ok: false, code });
  expect(failure.hint).toMatch(hint);
  expect(text).toContain(failure.hint);
}

const TOOLS = ['mlflow_get_run', 'mlflow_retry_run', 'mlflow_cancel_run'];
const reason = 'to see';
const argumentsFor = (tool: string, run_id: string) =>
  tool === 'mlflow_retry_run' ? { run_id, reason } : { run_id };

/** Asks for runs that there are not, or that are none of ours. */
async function wrongIds(stage: Stage): Promise<void> {
  const agent = await stage.connect();
  const { temporal, mlflow } = { temporal: stage.service.temporal.workflow, mlflow: stage.mlflow };
  const experimentId = await mlflow.ensureExperiment(stage.experiment);
  const startTime = Date.now();
  const { runId: foreign } = await mlflow.createRun({
    experimentId,
    runName: 'theirs',
    startTime,
    tags: {},
  });
  const theirs = await Promise.all(
    [`order-${randomUUID()}`, `experiment-${randomUUID()}`].map((workflowId) =>
      temporal.start('theirs', { taskQueue: 'nobody', workflowId }),
    ),
  );
  const unknown = ['0'.repeat(32), `experiment-${randomUUID()}`, 'latest'];
  const ids = [...unknown, ...theirs.map(({ workflowId }) => workflowId)];
  for (const tool of TOOLS) {
    for (const id of ids) {
      await refused(agent, tool, argumentsFor(tool, id), ['RUN_NOT_FOUND', /run_id|mlflow_list/]);
    }
    await refused(agent, tool, argumentsFor(tool, '../x y'), ['INVALID_REQUEST', /again/]);
  }
  // MLflow knows that one: it is shown, and left alone.
  const view = await agent.call('mlflow_get_run', { run_id: foreign });
  expect(view.structured).toMatchObject({ status: 'RUNNING', workflow: null });
  expect(view.text).toContain('was not made by an experiment of this service');
  for (const tool of TOOLS.slice(1)) {
    await refused(agent, tool, argumentsFor(tool, foreign), ['RUN_NOT_FOUND', /run_id/]);
  }
  const two = { run_ids: [foreign, '0'.repeat(32)] };
  await refused(agent, 'mlflow_compare_runs', two, ['RUN_NOT_FOUND', /mlflow_list_runs/]);
  for (const { workflowId } of theirs) {
    const handle = temporal.getHandle(workflowId);
    expect((await handle.describe()).status.name).toBe('RUNNING');
    await handle.terminate();
  }
}

/** Waits too long, comes with cursors of something else, cancels twice, and retries what is going. */
async function wrongMoments(stage: Stage): Promise<void> {
  const agent = await stage.connect();
  const started = await agent.call('mlflow_run_experiment', {
    ...{ ...longRequest(stage), wait_seconds: 0 },
  });
  const { workflow_id: run_id } = told(started);
  for (const tool of TOOLS) {
    for (const wait_seconds of [46, -1, 'forever']) {
      const args = { ...argumentsFor(tool, run_id), wait_seconds };
      await refused(agent, tool, args, ['INVALID_REQUEST', /send the request again/]);
    }
  }
  const stale = await agent.call('mlflow_get_run', { run_id, cursor: 'stale', wait_seconds: 45 });
  expect(told(stale).workflow.status).toBe('RUNNING');
  const page = { experiment_name: stage.experiment, cursor: told(stale).cursor };
  await refused(agent, 'mlflow_list_runs', page, ['INVALID_REQUEST', /next_cursor/]);
  const again = { run_id, reason };
  await refused(agent, 'mlflow_retry_run', again, ['RUN_STILL_RUNNING', /mlflow_cancel_run/]);

  // One that is stopped before it is open leaves no run in MLflow.
  for (let open = false; !open;) {
    open = told(await agent.call('mlflow_get_run', { run_id })).run_id !== null;
  }
  const twice = { run_id, wait_seconds: 45 };
  const both = await Promise.all(
    [twice, twice].map((args) => agent.call('mlflow_cancel_run', args)),
  );
  for (const cancelled of both) expect(cancelled.structured).toMatchObject({ status: 'KILLED' });
  const third = await agent.call('mlflow_cancel_run', twice);
  expect(third.structured).toMatchObject({ message: 'The run had been stopped before.' });

  const { run_id: finished } = told(await agent.call('mlflow_run_experiment', shortRequest(stage)));
  const late = await agent.call('mlflow_cancel_run', { run_id: finished });
  expect(late.structured).toMatchObject({ status: 'FINISHED' });
  const retry = { run_id: finished, reason };
  await refused(agent, 'mlflow_retry_run', retry, ['RUN_NOT_RETRYABLE', /train/]);
  const misspelt = { run_id: finished, reason, step: 'trian' };
  await refused(agent, 'mlflow_retry_run', misspelt, ['UNKNOWN_STEP', /Did you mean train\?/]);
  const none = await agent.call('mlflow_fly', {});
  expect(none.failure).toMatchObject({ code: 'UNKNOWN_TOOL' });
  expect(none.failure.hint).toContain('mlflow_get_run');
  expect(await stage.runs()).toHaveLength(2);
}

export const WRONG_NAMES: readonly Task[] = [
  { name: 'asks for runs that there are not, or that are not ours', play: wrongIds },
  { name: 'comes at the wrong moment, or twice', play: wrongMoments },
];
