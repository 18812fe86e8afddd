import { setTimeout } from 'node:timers/promises';

import { setRetirement } from '../../platform/deployment/retirement.ts';
import { QUEUES } from '../../schemas/names.ts';
import { demandVersion, isFailedPrecondition, workersOf, type Deployment } from './deployment.ts';

const LOOK_EVERY_MS = 500;

export interface Promotion {
  readonly buildId: string;
  /** Of new work; undefined for all of it, and for good. */
  readonly percentage: number | undefined;
  /** How long to wait for the version's workers, in seconds. */
  readonly waitSeconds: number;
}

/** Has new work, and what follows the current version, go to a version that has workers for all of it. @returns the exit code */
export async function promoteVersion(
  deployment: Deployment,
  { buildId, percentage, waitSeconds }: Promotion,
): Promise<number> {
  const missing = await queuesWithout(deployment, buildId, waitSeconds);
  if (missing.length > 0) {
    console.error(
      `Version ${buildId} has no workers for: ${missing.join(', ')}. Nothing was changed: start them, then promote it again.`,
    );
    return 1;
  }
  demandVersion(await deployment.state(), buildId);
  const change = percentage === undefined ? 'promoted' : 'ramped';
  await deployment.record({ 'deployment.version': buildId, change, percentage });
  const { access, identity, name: deploymentName } = deployment;
  await setRetirement(access, { deploymentName, buildId }, { retire: false, identity });
  await route(deployment, { buildId, percentage, waitSeconds });
  console.log(
    percentage === undefined
      ? `Version ${buildId} is the current one.`
      : `Version ${buildId} is given ${percentage} % of new work.`,
  );
  return 0;
}

/** Routes work to a version. Temporal refuses it until it has heard itself of the version’s workers on all queues. */
async function route(
  deployment: Deployment,
  { buildId, percentage, waitSeconds }: Promotion,
): Promise<void> {
  const { access, identity, name: deploymentName } = deployment;
  const { workflowService } = access.connection;
  for (const until = Date.now() + 1000 * waitSeconds; ; await setTimeout(LOOK_EVERY_MS)) {
    const { conflictToken = null, versions } = await deployment.state();
    const about = { namespace: access.namespace, deploymentName, identity, conflictToken };
    const ramping = versions.some((one) => one.status === 'ramping' && one.buildId !== buildId);
    try {
      if (percentage !== undefined) {
        await workflowService.setWorkerDeploymentRampingVersion({ ...about, buildId, percentage });
        return;
      }
      const { conflictToken: next = null } =
        await workflowService.setWorkerDeploymentCurrentVersion({ ...about, buildId });
      // All of new work goes to it: another version is given no part any more.
      if (ramping) {
        const none = { ...about, buildId: '', percentage: 0, conflictToken: next };
        await workflowService.setWorkerDeploymentRampingVersion(none);
      }
      return;
    } catch (error) {
      // Also when somebody else has changed the deployment since we looked.
      if (!isFailedPrecondition(error) || Date.now() >= until) throw error;
    }
  }
}

/** Waits for workers of a version on every queue. @returns the queues that have none */
async function queuesWithout(
  deployment: Deployment,
  buildId: string,
  waitSeconds: number,
): Promise<string[]> {
  const until = Date.now() + 1000 * waitSeconds;
  for (;;) {
    const queues = await deployment.queues();
    const now = Date.now();
    const missing = QUEUES.filter((queue) => {
      const state = queues.get(queue);
      return !state || workersOf(state, buildId, now) === 0;
    });
    if (missing.length === 0 || now >= until) return missing;
    await setTimeout(LOOK_EVERY_MS);
  }
}
