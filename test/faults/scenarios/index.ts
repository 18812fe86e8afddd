import type { Scenario } from '../scenario.ts';
import { answersCut } from './answers-cut.ts';
import { everything } from './everything.ts';
import { manyAtOnce } from './many-at-once.ts';
import { mlflowFaults } from './mlflow-faults.ts';
import { postgresRestarted } from './postgres-restarted.ts';
import { serverKilled } from './server-killed.ts';
import { mlflowKilled, temporalKilled } from './servers-killed.ts';
import { workerFrozen } from './worker-frozen.ts';
import { workerKilled } from './worker-killed.ts';

/** Every way to break things, the short or the long form where they differ by more than rounds. */
export function scenarios(form: 'test' | 'prove'): readonly Scenario[] {
  const long = form === 'prove';
  return [
    workerKilled,
    workerFrozen,
    serverKilled,
    temporalKilled,
    mlflowKilled,
    ...mlflowFaults,
    answersCut(long ? 100 : 3),
    postgresRestarted,
    everything,
    manyAtOnce(1000),
  ];
}
