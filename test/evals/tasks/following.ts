import { setTimeout as pause } from 'node:timers/promises';

import { expect } from 'vitest';

import { longRequest, told } from '../requests.ts';
import type { Stage, Task } from '../task.ts';

/** How long the followed run goes on: EVAL_SECONDS=240 is as long as the bar is meant for. */
export const SECONDS = Number(process.env['EVAL_SECONDS'] ?? 10);

/** Starts a run that goes on until its time is over; answers with its workflow's id. */
async function start(stage: Stage, timeout_seconds: number, wait_seconds?: number) {
  const agent = await stage.connect();
  const request = { ...longRequest(stage, { timeout_seconds }), wait_seconds };
  const answer = await agent.call('mlflow_run_experiment', request);
  return { agent, answer, run_id: told(answer).workflow_id };
}

const running = (answer: Parameters<typeof told>[0]): boolean =>
  told(answer).workflow.status === 'RUNNING';

/** Waits in its calls, as the texts of the answers tell it to. */
async function follow(stage: Stage): Promise<void> {
  const { agent, answer, run_id } = await start(stage, SECONDS, Math.min(30, SECONDS / 2));
  expect(answer.text).toContain('call mlflow_get_run with run_id');
  let view = await agent.call('mlflow_get_run', { run_id, wait_seconds: 45 });
  while (running(view)) {
    const { cursor } = told(view);
    view = await agent.call('mlflow_get_run', { run_id, wait_seconds: 45, cursor });
  }
  expect(view.structured).toMatchObject({ status: 'FAILED', failure: { code: 'TIME_LIMIT' } });
  expect(stage.bill.calls).toBeLessThanOrEqual(8);
  expect(stage.bill.text).toBeLessThanOrEqual(3000);
  expect(stage.bill.structured).toBeLessThanOrEqual(3000);
}

/** Goes to sleep between its calls for as long as it is told to. */
async function sleepBetween(stage: Stage): Promise<void> {
  const { agent, run_id } = await start(stage, 10, 0);
  let view = await agent.call('mlflow_get_run', { run_id });
  while (running(view)) {
    const seconds = told(view).next_poll_seconds ?? 0;
    expect(seconds).toBeGreaterThanOrEqual(2);
    await pause(1000 * seconds);
    view = await agent.call('mlflow_get_run', { run_id });
  }
  expect(view.structured).toMatchObject({ status: 'FAILED', next_poll_seconds: null });
}

/** Asks again as soon as it has an answer: that costs itself, and not the run. */
async function pollWithoutPause(stage: Stage): Promise<void> {
  const { agent, run_id } = await start(stage, 5, 0);
  let view = await agent.call('mlflow_get_run', { run_id });
  while (running(view)) view = await agent.call('mlflow_get_run', { run_id });
  expect(view.structured).toMatchObject({ status: 'FAILED', failure: { code: 'TIME_LIMIT' } });
  expect(view.structured['steps']).toContainEqual(
    expect.objectContaining({ step: 'train', attempts: 1 }),
  );
  expect(await stage.runs()).toHaveLength(1);
}

export const FOLLOWING: readonly Task[] = [
  { name: `follows a run of ${SECONDS} s to its end`, seconds: SECONDS + 60, play: follow },
  { name: 'sleeps as long as next_poll_seconds says between its calls', play: sleepBetween },
  { name: 'polls without a pause', play: pollWithoutPause },
];
