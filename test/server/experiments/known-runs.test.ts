import { expect, it } from 'vitest';

import { createKnownRuns } from '../../../server/experiments/known-runs.ts';

const run = (n: number) => ({ workflowId: `experiment-${n}`, runId: `${n}` });

it('finds a run by either id, as it was seen last, and forgets the oldest', () => {
  const known = createKnownRuns(2);
  [1, 2].forEach((n) => known.remember(run(n)));
  known.remember({ ...run(1), runId: 'retried' });
  known.remember(run(3));
  expect(known.of('experiment-1')?.runId).toBe('retried');
  expect(known.of('3')).toEqual(run(3));
  expect(known.of('1')).toBeUndefined();
  expect(known.of('experiment-2')).toBeUndefined();
});
