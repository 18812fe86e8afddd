import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startTestService, type TestService } from '../support/test-service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

interface Run {
  readonly metrics: Readonly<Record<string, number>>;
  readonly reused?: boolean;
  readonly registered: { version: string; champion: boolean; reason: string };
}

async function run(params: Readonly<Record<string, unknown>>): Promise<Run> {
  const source = { kind: 'file', path: 'train.csv', target: 'label' };
  const answer = await service.invoke('mlflow_run_experiment', { source, ...params });
  expect(answer.error).toBeNull();
  return answer.result as unknown as Run;
}

describe('the alias champion', () => {
  it('is judged by the gate of each request, also for a run that is used again', async () => {
    const model_name = `regated-${randomUUID()}`;
    const same = { experiment_name: `regated-${randomUUID()}`, reuse: true };
    const strict = await run({ ...same, register: { model_name, minimum: 0.99 } });
    expect(strict.registered).toMatchObject({ version: '1', champion: false });

    const lenient = await run({ ...same, register: { model_name, minimum: 0.5 } });
    expect(lenient.reused).toBe(true);
    expect(lenient.registered).toMatchObject({ version: '1', champion: true });
    expect(lenient.registered.reason).toContain('reaches the minimum 0.5');

    const again = await run({ ...same, register: { model_name, minimum: 0.6 } });
    expect(again.registered).toMatchObject({ version: '1', champion: true });
    expect(again.registered.reason).toContain('it is the champion');
  });

  it('stands for the best of those registered at once', async () => {
    const register = { model_name: `at-once-${randomUUID()}` };
    const experiment_name = `at-once-${randomUUID()}`;
    const seeds = [5, 7, 9, 4, 2, 0];
    const runs = await Promise.all(
      seeds.map((seed) => run({ experiment_name, params: { seed }, register })),
    );
    const best = Math.max(...runs.map(({ metrics }) => metrics['f1_weighted'] as number));
    // Nothing beats the champion, whoever of equals it is.
    const last = await run({ experiment_name, params: { seed: 5 }, register });
    expect(last.registered.champion).toBe(false);
    expect(last.registered.reason).toContain(`not greater than ${Number(best.toPrecision(6))} of`);
  });
});
