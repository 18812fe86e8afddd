import { KINDS } from '../requests.ts';
import { pause, startOne, startSome } from '../experiments.ts';
import type { Scenario } from '../scenario.ts';

/** kill -9 of Temporal or MLflow on their database files; an experiment is asked for while it is away. */
const killed = (server: 'temporal' | 'mlflow'): Scenario => ({
  name: `${server}-killed`,
  rounds: { test: 1, prove: 20 },
  async play({ stage, draws, name }) {
    const started = await startSome(stage, name, 4);
    await pause(draws.below(2000));
    await stage.killServer(server);
    await pause(draws.below(500));
    return [...started, await startOne(stage, name, draws.pick(KINDS))];
  },
});

export const temporalKilled = killed('temporal');
export const mlflowKilled = killed('mlflow');
