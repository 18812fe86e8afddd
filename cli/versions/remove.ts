import { Failure } from '../../schemas/failure.ts';
import { demandVersion, isFailedPrecondition, workersOf, type Deployment } from './deployment.ts';

/** Has Temporal forget a version that nothing needs. @returns the exit code @throws Failure when something does */
export async function removeVersion(deployment: Deployment, buildId: string): Promise<number> {
  const [state, queues] = await Promise.all([deployment.state(), deployment.queues()]);
  const { status } = demandVersion(state, buildId);
  const running = await deployment.running(buildId);
  const now = Date.now();
  const workers = Math.max(...[...queues.values()].map((q) => workersOf(q, buildId, now)));
  const needed = {
    current: ['It is the current version.', 'Promote another one first.'],
    ramping: ['New work goes to it.', 'Promote it, or another one, first.'],
  }[status as string] ?? [
    running > 0 ? `${running} experiments are running on it.` : `It has ${workers} workers.`,
    running > 0
      ? `Wait for their end, or “durable-experiments versions leave ${buildId}”.`
      : `Stop them first: “durable-experiments drain --version ${buildId}”.`,
  ];
  if (status === 'current' || status === 'ramping' || running > 0 || workers > 0) {
    throw new Failure('INVALID_REQUEST', needed[0] ?? '', needed[1] ?? '');
  }
  await deployment.record({ 'deployment.version': buildId, change: 'removed' });
  const { access, identity, name: deploymentName } = deployment;
  await access.connection.workflowService
    .deleteWorkerDeploymentVersion({
      namespace: access.namespace,
      deploymentVersion: { deploymentName, buildId },
      // Nothing is running on it: what Temporal may still count are queries of ended experiments, which we never make.
      skipDrainage: true,
      identity,
    })
    .catch((cause: unknown) => {
      throw isFailedPrecondition(cause) ? seenLately(buildId, cause) : cause;
    });
  console.log(`Temporal has forgotten version ${buildId}.`);
  return 0;
}

function seenLately(buildId: string, cause: unknown): Failure {
  return new Failure(
    'INVALID_REQUEST',
    `Temporal has heard of workers of version ${buildId} within the last minutes.`,
    'Try again five minutes after the last one has stopped.',
    { cause },
  );
}
