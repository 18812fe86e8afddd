import { setTimeout } from 'node:timers/promises';

import { readDeployment, type DeploymentAccess } from '../platform/deployment/deployment-state.ts';
import type { WorkerVersion } from '../platform/deployment/worker-version.ts';
import type { Logger } from '../platform/logging.ts';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;

export interface FirstVersionOptions {
  readonly access: DeploymentAccess;
  readonly version: WorkerVersion;
  readonly identity: string;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * Makes a worker's version the current one where its deployment has none, so that the first start needs no
 * command; every later version waits to be promoted. Asks until Temporal has heard of the version.
 */
export async function becomeFirstVersion(options: FirstVersionOptions): Promise<void> {
  const { version, logger, signal } = options;
  for (let pause = FIRST_PAUSE_MS; !signal.aborted; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    const current = await currentOrOurs(options).catch((error: unknown) => {
      logger.debug({ err: error }, 'no version could be made the current one yet');
    });
    if (current !== undefined) {
      const { buildId } = version;
      if (current === buildId) logger.info({ version: buildId }, 'this version is the current one');
      else logger.info({ version: buildId, current }, 'this version waits to be promoted');
      return;
    }
    await setTimeout(pause, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** The current version, which is ours where there was none; undefined while ours is not known yet. */
async function currentOrOurs(options: FirstVersionOptions): Promise<string | undefined> {
  const { access, version, identity } = options;
  const state = await readDeployment(access, version.deploymentName);
  if (!state || state.current !== undefined) return state?.current;
  if (!state.versions.some(({ buildId }) => buildId === version.buildId)) return undefined;
  await access.connection.workflowService.setWorkerDeploymentCurrentVersion({
    ...{ namespace: access.namespace, ...version, identity },
    conflictToken: state.conflictToken ?? null,
  });
  return version.buildId;
}
