import { expect, it, vi } from 'vitest';

import { followDrain } from '../../cli/drain/drain-version.ts';
import type { DeploymentState } from '../../platform/deployment/deployment-state.ts';

it('a version is not drained while experiments wait for workers that are gone', async () => {
  const said = vi.spyOn(console, 'log').mockReturnValue();
  const states = (['draining', 'drained'] as const).map((status): DeploymentState => {
    const version = { buildId: 'v1', status, percentage: undefined };
    return { versions: [version], current: 'v2', conflictToken: undefined };
  });
  const counts = [1, 0];
  const nobody = { workers: [], complete: true, routedTo: ['v2'], backlog: 0 };
  const deployment = {
    state: () => Promise.resolve(states.shift()!),
    queues: () => Promise.resolve(new Map([['steps' as const, nobody]])),
    running: () => Promise.resolve(counts.shift()!),
  };
  expect(await followDrain(deployment, 'v1', Infinity)).toBe(0);
  expect(said.mock.calls.flat()).toEqual([
    'Version v1 is draining: 1 experiments, 0 workers.',
    'Version v1 is drained: 0 experiments, 0 workers.',
  ]);
  said.mockRestore();
});
