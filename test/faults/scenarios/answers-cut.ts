import { ended, startSome, type Started } from '../experiments.ts';
import type { Scenario } from '../scenario.ts';

/** What MLflow would make a second time. */
const CREATES = /\/(runs|logged-models|model-versions|registered-models)(\/create)?$/;
const AT_ONCE = 10;

/** MLflow makes what it is asked for, and the connection breaks before it can say so. */
export const answersCut = (commits: number): Scenario => ({
  name: `mlflow-${commits}-creates-cut`,
  rounds: { test: 1, prove: 1 },
  async play({ stage, draws, name }) {
    let runs = 0;
    await stage.proxy.setMode(({ method, url = '' }) => {
      const [path = ''] = url.split('?', 1);
      if (method !== 'POST' || !CREATES.test(path) || !draws.chance(0.6)) return 'ok';
      if (path.endsWith('runs/create')) runs += 1;
      return 'commit-then-cut';
    });
    const started: Started[] = [];
    while (runs < commits) {
      const some = await startSome(stage, name, Math.min(AT_ONCE, commits));
      await Promise.all(some.map((one) => ended(stage, one)));
      started.push(...some);
    }
    await stage.proxy.setMode('ok');
    return started;
  },
});
