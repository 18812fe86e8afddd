import { expect, it, vi } from 'vitest';

import type { Deployment } from '../../cli/versions/deployment.ts';
import { leaveVersion } from '../../cli/versions/leave.ts';

/** What Temporal answers for a run that has ended (gRPC’s NOT_FOUND), tried against 1.32. */
const ended = Object.assign(new Error('workflow execution already completed'), { code: 5 });

it('a run that ends meanwhile keeps no other one on the version that is left', async () => {
  const said = vi.spyOn(console, 'log').mockReturnValue();
  const moved: unknown[] = [];
  const executions = ['ended', 'going'].map((workflowId) => ({ execution: { workflowId } }));
  const deployment = {
    name: 'experiments',
    identity: 'somebody',
    state: () => Promise.resolve({ current: 'v2', versions: [{ buildId: 'v1' }] }),
    record: () => Promise.resolve(),
    access: {
      namespace: 'default',
      connection: {
        workflowService: {
          listWorkflowExecutions: () => Promise.resolve({ executions, nextPageToken: [] }),
        },
      },
    },
    client: {
      workflowService: {
        updateWorkflowExecutionOptions(change: { workflowExecution: { workflowId: string } }) {
          if (change.workflowExecution.workflowId === 'ended') return Promise.reject(ended);
          moved.push(change.workflowExecution.workflowId);
          return Promise.resolve();
        },
      },
    },
  };
  expect(await leaveVersion(deployment as unknown as Deployment, 'v1')).toBe(0);
  expect(moved).toEqual(['going']);
  expect(said).toHaveBeenCalledWith('1 running experiments go on with version v2.');
  said.mockRestore();
});
