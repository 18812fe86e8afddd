import type { Info } from '@temporalio/activity';

import { tenantOfWorkflow } from '../../schemas/caller.ts';

/** The execution that an attempt belongs to: activities are only ever started by workflows here. */
export function executionOf({ workflowExecution }: Info): { workflowId: string; runId: string } {
  return workflowExecution as { workflowId: string; runId: string };
}

/** The chain of a run’s events. @param tenant as the request has it, where there is one */
export function chainOfAttempt(info: Info, tenant?: string): string {
  return tenant ?? tenantOfWorkflow(executionOf(info).workflowId);
}

export function runFields(info: Info) {
  const { workflowId, runId } = executionOf(info);
  return { 'temporal.workflow_id': workflowId, 'temporal.run_id': runId };
}

export function attemptFields(info: Info) {
  return {
    ...runFields(info),
    'temporal.activity': info.activityType,
    'temporal.activity_id': info.activityId,
    'temporal.attempt': info.attempt,
  };
}
