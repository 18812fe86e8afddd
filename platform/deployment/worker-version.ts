import type { Config } from '../../schemas/config.ts';
import { readCodeVersion } from '../code-version.ts';

/** A version of a Temporal Worker Deployment: what workers of one build are to Temporal. */
export interface WorkerVersion {
  readonly deploymentName: string;
  readonly buildId: string;
}

/** The version of the settings; undefined where versions are not told apart. */
export async function workerVersionFrom(
  config: Pick<Config, 'WORKER_DEPLOYMENT' | 'WORKER_BUILD_ID'>,
): Promise<WorkerVersion | undefined> {
  const { WORKER_DEPLOYMENT: deploymentName, WORKER_BUILD_ID } = config;
  if (deploymentName === undefined) return undefined;
  return { deploymentName, buildId: WORKER_BUILD_ID ?? (await readCodeVersion()) };
}

/** As Temporal's visibility writes it. */
export function versionText({ deploymentName, buildId }: WorkerVersion): string {
  return `${deploymentName}:${buildId}`;
}
