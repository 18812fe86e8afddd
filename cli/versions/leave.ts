import { listExecutions } from '../../platform/audit/histories/list-executions.ts';
import { isNotFound } from '../../platform/audit/histories/temporal-access.ts';
import { pinnedToCurrent } from '../../platform/deployment/repinned.ts';
import { Failure } from '../../schemas/failure.ts';
import { demandVersion, runningOn, type Deployment } from './deployment.ts';

/** Has the running experiments of a version go on with the current one: for when its workers are gone for good. @returns the exit code */
export async function leaveVersion(deployment: Deployment, buildId: string): Promise<number> {
  const state = await deployment.state();
  demandVersion(state, buildId);
  if (state.current === undefined || state.current === buildId) {
    throw new Failure(
      'INVALID_REQUEST',
      'There is no other version to go on with.',
      'Promote one first.',
    );
  }
  await deployment.record({ 'deployment.version': buildId, change: 'left' });
  const { access, client, name: deploymentName } = deployment;
  const target = { deploymentName, buildId: state.current };
  let moved = 0;
  const running = runningOn({ deploymentName, buildId });
  for await (const { workflowId, runId } of listExecutions(access, running)) {
    const change = client.workflowService.updateWorkflowExecutionOptions({
      namespace: access.namespace,
      workflowExecution: { workflowId, runId },
      ...pinnedToCurrent(target),
      identity: deployment.identity,
    });
    moved += await change.then(() => 1, unlessEnded);
  }
  console.log(`${moved} running experiments go on with version ${state.current}.`);
  return 0;
}

/** What is listed may have ended since: that must not keep the others. */
function unlessEnded(error: unknown): 0 {
  if (!isNotFound(error)) throw error;
  return 0;
}
