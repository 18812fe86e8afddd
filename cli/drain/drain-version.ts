import { setTimeout } from 'node:timers/promises';

import { setRetirement } from '../../platform/deployment/retirement.ts';
import type { Config } from '../../schemas/config.ts';
import { Failure } from '../../schemas/failure.ts';
import {
  demandVersion,
  withDeployment,
  workersOf,
  type Deployment,
} from '../versions/deployment.ts';

const LOOK_EVERY_MS = 1_000;

/** Retires a version: its workers stop once Temporal says that it is drained. @returns the exit code @throws Failure while new work goes to it */
export function drainVersion(
  config: Config,
  buildId: string,
  waitSeconds: number,
): Promise<number> {
  return withDeployment(config, async (deployment) => {
    const { status } = demandVersion(await deployment.state(), buildId);
    if (status === 'current' || status === 'ramping') {
      throw new Failure(
        'INVALID_REQUEST',
        `New work goes to version ${buildId}.`,
        'Promote another one first: “durable-experiments versions promote”.',
      );
    }
    await deployment.record({ 'deployment.version': buildId, change: 'retired' });
    const { access, identity, name: deploymentName } = deployment;
    await setRetirement(access, { deploymentName, buildId }, { retire: true, identity });
    return followDrain(deployment, buildId, Date.now() + 1000 * waitSeconds);
  });
}

/** Says how far a version has come, until it has no workers, and nothing that would need them. @returns the exit code */
export async function followDrain(
  deployment: Pick<Deployment, 'state' | 'queues' | 'running'>,
  buildId: string,
  until: number,
): Promise<number> {
  let said = '';
  for (;;) {
    const [state, queues, running] = await Promise.all([
      deployment.state(),
      deployment.queues(),
      deployment.running(buildId),
    ]);
    const now = Date.now();
    const workers = Math.max(...[...queues.values()].map((q) => workersOf(q, buildId, now)));
    const { status } = demandVersion(state, buildId);
    const line = `Version ${buildId} is ${status}: ${running} experiments, ${workers} workers.`;
    if (line !== said) console.log((said = line));
    // Workers may be gone, or not have been seen, before their experiments have ended.
    const needed = status === 'draining' && running > 0;
    if (workers === 0 && !needed) return 0;
    if (now >= until) return 1;
    await setTimeout(LOOK_EVERY_MS);
  }
}
