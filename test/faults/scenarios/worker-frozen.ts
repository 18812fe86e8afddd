import { ended, pause, startSome } from '../experiments.ts';
import type { Scenario } from '../scenario.ts';

/** A worker stands still until another one has done its work, and then goes on with what it was at. */
export const workerFrozen: Scenario = {
  name: 'worker-frozen',
  rounds: { test: 0, prove: 10 },
  async play({ stage, draws, name }) {
    const started = await startSome(stage, name, 5);
    await pause(draws.below(2000));
    const frozen = stage.worker;
    frozen.signal('SIGSTOP');
    await stage.startWorker();
    await Promise.all(started.map((one) => ended(stage, one)));
    frozen.signal('SIGCONT');
    // Long enough for what it still held to reach MLflow.
    await pause(5000);
    await frozen.stop();
    return started;
  },
};
