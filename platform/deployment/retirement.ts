import type { DeploymentAccess } from './deployment-state.ts';
import type { WorkerVersion } from './worker-version.ts';

/** The key of a version's metadata by which its workers, wherever they are, learn that they may go. */
const RETIRE = 'durable-experiments.retire';

/** In Temporal's enumeration of a version's states. */
const [INACTIVE, DRAINED] = [1, 5];

/** Tells a version's workers that they may stop once it is drained, or that they may not after all. */
export async function setRetirement(
  { connection, namespace }: DeploymentAccess,
  deploymentVersion: WorkerVersion,
  { retire, identity }: { readonly retire: boolean; readonly identity: string },
): Promise<void> {
  await connection.workflowService.updateWorkerDeploymentVersionMetadata({
    ...{ namespace, deploymentVersion, identity },
    ...(retire
      ? { upsertEntries: { [RETIRE]: { metadata: ENCODING, data: Buffer.from('true') } } }
      : { removeEntries: [RETIRE] }),
  });
}

const ENCODING = { encoding: Buffer.from('json/plain') };

/** Whether a version's workers were told to go, and no experiment needs them. */
export async function isRetired(
  { connection, namespace }: DeploymentAccess,
  deploymentVersion: WorkerVersion,
): Promise<boolean> {
  const { workerDeploymentVersionInfo: info } =
    await connection.workflowService.describeWorkerDeploymentVersion({
      namespace,
      deploymentVersion,
    });
  const told = info?.metadata?.entries?.[RETIRE] !== undefined;
  return told && [INACTIVE, DRAINED].includes(Number(info?.status));
}
