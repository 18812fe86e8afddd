import { expect } from 'vitest';

import { ERAS, type Agent } from '../agent.ts';
import { longRequest, told } from '../requests.ts';
import type { Stage, Task } from '../task.ts';

/** Calls a tool and gives the call up as soon as it hears of the run's progress. */
async function giveUp(agent: Agent, name: string, args: Record<string, unknown>): Promise<void> {
  const gone = new AbortController();
  const call = agent.call(name, args, { signal: gone.signal, onprogress: () => gone.abort() });
  await expect(call).rejects.toThrow();
}

/**
 * Gives up every wait: the older client says so in a notification, the newer one drops the stream, and the
 * last one its connection.
 */
async function play(stage: Stage): Promise<void> {
  const { experiment, service } = stage;
  const request = { ...longRequest(stage), idempotency_key: experiment };
  const agents = await Promise.all(ERAS.map((era) => stage.connect(era)));
  for (const agent of agents) await giveUp(agent, 'mlflow_run_experiment', request);
  const [agent] = agents as [Agent];
  const started = await agent.call('mlflow_run_experiment', { ...request, wait_seconds: 0 });
  const { workflow_id: run_id } = told(started);
  for (const waiter of agents) await giveUp(waiter, 'mlflow_get_run', { run_id, wait_seconds: 45 });

  const gone = new AbortController();
  const dropped = fetch(`${service.url}/invoke`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ tool: 'mlflow_get_run', params: { run_id, wait_seconds: 45 } }),
    signal: gone.signal,
  });
  // Answered after the other call has reached the server.
  await agent.call('mlflow_get_run', { run_id });
  gone.abort();
  await expect(dropped).rejects.toThrow();

  const view = told(await agent.call('mlflow_get_run', { run_id }));
  expect(view).toMatchObject({ status: 'RUNNING', workflow: { status: 'RUNNING' } });
  expect(await stage.runs()).toEqual([view.run_id]);
  const cancelled = await agent.call('mlflow_cancel_run', { run_id, wait_seconds: 45 });
  expect(cancelled.structured).toMatchObject({ status: 'KILLED' });
}

export const GONE_WAITERS: readonly Task[] = [
  { name: 'gives up every wait, in three ways: the run goes on', play },
];
