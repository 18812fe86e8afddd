import { pause, startSome } from '../experiments.ts';
import type { Scenario } from '../scenario.ts';

/** An experiment takes about so long, in milliseconds, while four others go on. */
const LENGTH = 2000;

/** kill -9 of the worker and all its children, at any moment; sometimes twice. */
export const workerKilled: Scenario = {
  name: 'worker-killed',
  rounds: { test: 1, prove: 40 },
  async play({ stage, draws, name }) {
    const started = await startSome(stage, name, 5);
    const kills = draws.chance(0.25) ? 2 : 1;
    for (let i = 0; i < kills; i++) {
      await pause(draws.below(LENGTH));
      await stage.worker.kill();
      await stage.startWorker();
    }
    return started;
  },
};
