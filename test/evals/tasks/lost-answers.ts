import { randomUUID } from 'node:crypto';

import { expect } from 'vitest';

import type { Answer, Era } from '../agent.ts';
import { longRequest, told } from '../requests.ts';
import type { Stage, Task } from '../task.ts';

/** Shorter than the run takes, as a client's minute is for a real one. */
const PATIENCE_MILLISECONDS = 1000;

/** Sends the same request again as often as its answer is lost. */
async function resend(stage: Stage, era: Era): Promise<void> {
  const agent = await stage.connect(era);
  const request = { ...longRequest(stage, { max_iter: 60 }), idempotency_key: randomUUID() };
  let answer: Answer | undefined;
  let lost = 0;
  while (answer === undefined) {
    const call = agent.call('mlflow_run_experiment', request, { timeout: PATIENCE_MILLISECONDS });
    answer = await call.catch((error: unknown) => {
      expect(String(error)).toMatch(/timed out/i);
      lost += 1;
      return undefined;
    });
  }
  expect(lost).toBeGreaterThan(0);
  expect(answer).toMatchObject({ ok: true, structured: { status: 'FINISHED' } });
  const { run_id, workflow_id } = told(answer);
  expect(await stage.runs()).toEqual([run_id]);
  await expect.poll(() => stage.executions(workflow_id)).toBe(1);
}

/** Ten clients with one request and one key, of which one goes as soon as it hears of the run. */
async function tenAtOnce(stage: Stage): Promise<void> {
  const request = { ...longRequest(stage, { max_iter: 10 }), idempotency_key: randomUUID() };
  const gone = new AbortController();
  const calls = Array.from({ length: 10 }, async (_, i) => {
    const agent = await stage.connect(i % 2 === 0 ? '2026-07-28' : '2025');
    const leaves = i === 0 && { signal: gone.signal, onprogress: () => gone.abort() };
    return agent.call('mlflow_run_experiment', request, leaves || {});
  });
  const [dropped, ...others] = await Promise.allSettled(calls);
  expect(dropped?.status).toBe('rejected');
  const answers = others.map((other) => {
    if (other.status === 'rejected') throw other.reason;
    return other.value;
  });
  const [first] = answers;
  expect(first).toMatchObject({ ok: true, structured: { status: 'FINISHED' } });
  for (const answer of answers) expect(answer).toEqual(first);
  const { run_id, workflow_id } = told(first as Answer);
  expect(await stage.runs()).toEqual([run_id]);
  await expect.poll(() => stage.executions(workflow_id)).toBe(1);
}

export const LOST_ANSWERS: readonly Task[] = [
  {
    name: 'whose calls are cut re-sends one request until it is answered: one run',
    play: (stage) => resend(stage, '2026-07-28'),
  },
  {
    name: 'of the older revisions does the same: one run',
    play: (stage) => resend(stage, '2025'),
  },
  {
    name: 'sends a request ten times at once, and one of them goes: one run, nine equal answers',
    play: tenAtOnce,
  },
];
