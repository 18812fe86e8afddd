import { expect, it } from 'vitest';

import type { ExperimentSearch } from '../../../platform/tracking/find-experiments.ts';
import { createTenancy } from '../../../server/experiments/tenancy.ts';
import { tenantRuns, type RunReader } from '../../../server/experiments/tenant-runs.ts';

/** Notes what MLflow is asked for, and has an experiment of each tenant. */
function noting() {
  const asked: ExperimentSearch[] = [];
  const search = async (wanted: ExperimentSearch) => {
    asked.push(wanted);
    const names = ['acme~one', 'blue~one', 'one'];
    return { experiments: names.map((name) => ({ experimentId: name, name })) };
  };
  const mlflow = { experiments: { search } } as unknown as RunReader;
  return { asked, mlflow };
}

it.each([
  ['acme', 'acme~'],
  ['default', undefined],
])('MLflow is asked for the experiments of %s only', async (tenant, nameBegins) => {
  const { asked, mlflow } = noting();
  const runs = tenantRuns(mlflow, createTenancy(tenant));
  const { experiments } = await runs.experiments.search({ maxResults: 10 });
  expect(asked).toEqual([{ maxResults: 10, nameBegins }]);
  expect(experiments).toMatchObject([{ name: 'one' }]);
});

it('a tenant’s searches wait for each other where they are told to', async () => {
  const { asked, mlflow } = noting();
  const never = tenantRuns(mlflow, createTenancy('acme'), () => new Promise(() => undefined));
  void never.experiments.search({ maxResults: 10 });
  await Promise.resolve();
  expect(asked).toEqual([]);
});
