import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';

import { readDeployment } from '../../platform/deployment/deployment-state.ts';
import { pinnedToCurrent } from '../../platform/deployment/repinned.ts';
import type { WorkflowRecord } from './workflow-record.ts';
import { pinnedTo } from './worker-presence.ts';

/**
 * What a reset does besides: a run that is pinned to a version goes on with the current one, as the workers of its own
 * may be gone for good. All others follow the current version anyway.
 */
export async function versionAfterReset(
  client: Client,
  { description }: WorkflowRecord,
): Promise<temporal.api.workflow.v1.IPostResetOperation[]> {
  const pinned = pinnedTo(description);
  const { versioningInfo } = description.raw.workflowExecutionInfo ?? {};
  const deploymentName =
    versioningInfo?.versioningOverride?.pinned?.version?.deploymentName ??
    versioningInfo?.deploymentVersion?.deploymentName;
  if (pinned === undefined || !deploymentName) return [];
  const access = { connection: client.connection, namespace: client.options.namespace };
  const current = (await readDeployment(access, deploymentName))?.current;
  if (current === undefined || current === pinned) return [];
  return [{ updateWorkflowOptions: pinnedToCurrent({ deploymentName, buildId: current }) }];
}
