import { expect, vi } from 'vitest';

import type { TestService } from './test-service.ts';

/** Has Temporal delete a workflow, as when its retention is over, and waits until it has. */
export async function forgetWorkflow({ temporal }: TestService, workflowId: string): Promise<void> {
  const { workflow, workflowService, options } = temporal;
  const { namespace } = options;
  await workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId } });
  const left = () => workflow.getHandle(workflowId).describe();
  await vi.waitFor(() => expect(left()).rejects.toThrow('not found'), 100_000);
}
