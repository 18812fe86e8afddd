import { KINDS } from '../requests.ts';
import { pause, untilAnswered } from '../experiments.ts';
import type { Scenario } from '../scenario.ts';

/** kill -9 of the server while clients wait for their answers; they ask again with their key. */
export const serverKilled: Scenario = {
  name: 'server-killed',
  rounds: { test: 1, prove: 20 },
  async play({ stage, draws, name }) {
    const waiting = KINDS.map(async (kind) => {
      const { workflow_id } = await untilAnswered(stage, name, kind, 30);
      return { kind, workflowId: String(workflow_id) };
    });
    await pause(draws.below(1500));
    await stage.server.kill();
    await pause(draws.below(1000));
    await stage.startServer();
    return Promise.all(waiting);
  },
};
