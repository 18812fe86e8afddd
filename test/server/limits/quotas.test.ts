import { expect, it } from 'vitest';

import { createQuotas } from '../../../server/limits/quotas.ts';
import { createStartedRuns, type StartedRunsOf } from '../../../server/limits/started-runs.ts';

it('a tenant’s turn is not taken while a large store is measured', async () => {
  const measured = Promise.withResolvers<number>();
  const here = createStartedRuns();
  let turns = 0;
  const startedRuns: StartedRunsOf = {
    ...here,
    inTurn(tenant, work) {
      turns += 1;
      return here.inTurn(tenant, work);
    },
  };
  const quotas = createQuotas({
    limitsOf: () => ({ bytes: 10 }),
    startedRuns,
    counts: { count: () => Promise.resolve(0), shown: () => Promise.resolve(new Set()) },
    keptBytes: () => measured.promise,
    now: Date.now,
  });
  const run = { id: 'experiment-a', start: () => Promise.resolve('started') };
  const start = quotas.within('acme', { ...run, startedId: () => run.id });
  expect(turns).toBe(0);
  measured.resolve(9);
  expect(await start).toBe('started');
  expect(turns).toBe(1);
});
