import { pause, startOne, viewWhen } from '../experiments.ts';
import type { Scenario } from '../scenario.ts';

/** PostgreSQL breaks off in the middle of a load, and is back after a moment. */
export const postgresRestarted: Scenario = {
  name: 'postgres-restarted',
  rounds: { test: 1, prove: 10 },
  async play({ stage, draws, name }) {
    const started = await startOne(stage, name, 'big');
    await viewWhen(stage, started.workflowId, ({ steps }) =>
      steps.some(({ step, status }) => step === 'load' && status === 'RUNNING'),
    );
    await pause(draws.below(600));
    await stage.restartPostgres();
    return [started];
  },
};
