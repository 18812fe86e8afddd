import type { Fault } from '../../support/fault-proxy.ts';
import { ended, pause, startSome } from '../experiments.ts';
import type { Scenario } from '../scenario.ts';

/**
 * A share of all requests to MLflow meets a fault, for as long as the experiments go on. In `npm test`
 * they come up in the scenario of everything, and as creates whose answers are cut.
 */
const faulty = (fault: Fault, share: number): Scenario => ({
  name: `mlflow-${fault}`,
  rounds: { test: 0, prove: 10 },
  async play({ stage, draws, name }) {
    await stage.proxy.setMode(() => (draws.chance(share) ? fault : 'ok'));
    const started = await startSome(stage, name, 5);
    await Promise.all(started.map((one) => ended(stage, one)));
    await stage.proxy.setMode('ok');
    return started;
  },
});

/** Nobody listens where MLflow should be, for some seconds. */
export const mlflowRefuses: Scenario = {
  name: 'mlflow-refuse',
  rounds: { test: 0, prove: 10 },
  async play({ stage, draws, name }) {
    const started = await startSome(stage, name, 5);
    await pause(draws.below(1500));
    await stage.proxy.setMode('refuse');
    await pause(1000 + draws.below(4000));
    await stage.proxy.setMode('ok');
    return started;
  },
};

export const mlflowFaults: readonly Scenario[] = [
  mlflowRefuses,
  faulty('reset', 0.3),
  faulty('500', 0.3),
  faulty('overload-400', 0.3),
  faulty('hang', 0.05),
  faulty('slow', 0.5),
  faulty('commit-then-cut', 0.3),
  faulty('cut-then-commit', 0.1),
];
