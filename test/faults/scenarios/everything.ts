import type { Fault } from '../../support/fault-proxy.ts';
import type { Draws } from '../draws.ts';
import { pause, startSome } from '../experiments.ts';
import type { Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';

const FAULTS: readonly [Fault, ...Fault[]] = ['reset', '500', 'overload-400', 'commit-then-cut'];

const BREAKING: readonly [Break, ...Break[]] = [
  async (stage) => {
    await stage.worker.kill();
    await stage.startWorker();
  },
  async (stage) => {
    await stage.server.kill();
    await stage.startServer();
  },
  (stage) => stage.killServer('temporal'),
  (stage) => stage.killServer('mlflow'),
  async ({ proxy }, draws) => {
    const fault = draws.pick(FAULTS);
    await proxy.setMode(() => (draws.chance(0.3) ? fault : 'ok'));
    await pause(2000);
    await proxy.setMode('ok');
  },
  async ({ proxy }, draws) => {
    await proxy.setMode('refuse');
    await pause(draws.below(3000));
    await proxy.setMode('ok');
  },
];
type Break = (stage: Stage, draws: Draws) => Promise<unknown>;

/** Three faults of any kind, one upon the other, while experiments are being asked for. */
export const everything: Scenario = {
  name: 'everything',
  rounds: { test: 1, prove: 20 },
  async play({ stage, draws, name }) {
    const starting = startSome(stage, name, 5);
    for (let i = 0; i < 3; i++) {
      await pause(draws.below(2000));
      await draws.pick(BREAKING)(stage, draws);
    }
    return starting;
  },
};
