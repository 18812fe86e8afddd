import { describe, expect, it } from 'vitest';

import { TAGS } from '../../../schemas/names.ts';
import { createTenancy } from '../../../server/experiments/tenancy.ts';
import { tenantRuns, type RunReader } from '../../../server/experiments/tenant-runs.ts';
import { runId, trackedRun } from './tracked-run.ts';

type Tags = Readonly<Record<string, string>>;
type Search = Parameters<RunReader['searchRuns']>[0];

const workflowOf = (tenant: string, id: string) => `experiment-${tenant}.${id}`;
const of = (tenant: string, n: number, workflowId = workflowOf(tenant, `w${n}`)) =>
  trackedRun(n, { tags: { [TAGS.tenant]: tenant, [TAGS.workflowId]: workflowId } });
/** The last one is acme’s, with a tag that somebody has edited. */
const RUNS = [of('acme', 1), of('blue', 2), trackedRun(3), of('acme', 4, workflowOf('blue', 'w2'))];
const FOREIGN = [2, 3, 4].map(runId);

/** An MLflow that heeds no filter, seen by acme. */
function seenByAcme(edit: (tags: Tags) => Tags = (tags) => tags) {
  const searches: Search[] = [];
  const everybodys = {
    getRun: async (id: string) => {
      const run = RUNS.find(({ runId: known }) => known === id)!;
      return { ...run, tags: edit(run.tags) };
    },
    getRuns: async () => ({ runs: RUNS, missing: [] }),
    searchRuns: async (search: Search) => {
      searches.push(search);
      return { runs: RUNS, nextPageToken: null };
    },
  };
  return { searches, runs: tenantRuns(everybodys as never, createTenancy('acme')) };
}

describe('the runs of a tenant', () => {
  it('are asked for by its tag, beside what the caller asks for', async () => {
    const { searches, runs } = seenByAcme();
    const where = [{ tag: TAGS.workflowId, is: '=', value: 'x' }] as const;
    await runs.searchRuns({ experimentIds: ['1'], where } as never);
    const own = { tag: TAGS.tenant, is: '=', value: 'acme' };
    expect(searches[0]).toMatchObject({ where: [...where, own] });
  });

  it('are told apart again in what MLflow answers', async () => {
    const { runs } = seenByAcme();
    const found = (await runs.searchRuns({} as never)).runs.map((run) => run.runId);
    expect(found).toEqual([runId(1)]);
    const ids = RUNS.map((run) => run.runId);
    expect((await runs.getRuns(ids)).missing).toEqual(FOREIGN);
    for (const id of FOREIGN) {
      await expect(runs.getRun(id)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    }
  });

  it('are told apart by their workflow where every tag says acme, and by the tag where none tells', async () => {
    const all = seenByAcme((tags) => ({ ...tags, [TAGS.tenant]: 'acme' })).runs;
    await expect(all.getRun(runId(2))).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    const untold = seenByAcme(({ [TAGS.workflowId]: _, ...tags }) => tags).runs;
    await expect(untold.getRun(runId(2))).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    expect(await untold.getRun(runId(1))).toMatchObject({ runId: runId(1) });
  });
});
