import { expect, it } from 'vitest';

import type { DeploymentAccess } from '../../../platform/deployment/deployment-state.ts';
import { hasWorker } from '../../../platform/deployment/present-workers.ts';

const asked = { taskQueue: 'experiments-training', host: 'here' };

/** A Temporal that nobody asks for work just now. */
function temporal(listWorkers: () => Promise<object>): DeploymentAccess {
  const workflowService = {
    describeTaskQueue: () => Promise.resolve({ pollers: [] }),
    listWorkers,
  };
  return { namespace: 'default', connection: { workflowService } } as unknown as DeploymentAccess;
}

it('a worker that is busy is there by its report', async () => {
  const heartbeatTime = { seconds: Date.now() / 1000 };
  const report = { workerIdentity: '1@here', heartbeatTime, status: 1 };
  const workersInfo = [{ workerHeartbeat: report }];
  expect(
    await hasWorker(
      temporal(async () => ({ workersInfo })),
      asked,
    ),
  ).toBe(true);
  const elsewhere = { ...asked, host: 'elsewhere' };
  expect(
    await hasWorker(
      temporal(async () => ({ workersInfo })),
      elsewhere,
    ),
  ).toBe(false);
});

it('where Temporal keeps no reports, nobody takes a worker that is busy for one that is gone', async () => {
  const unimplemented = Object.assign(new Error('UNIMPLEMENTED'), { code: 12 });
  expect(
    await hasWorker(
      temporal(() => Promise.reject(unimplemented)),
      asked,
    ),
  ).toBeUndefined();
});
