import { afterEach, beforeAll, describe, expect, it } from 'vitest';

import { ensureRun, reconcileRuns } from '../../../platform/tracking/ensure-run.ts';
import { createMlflowClient } from '../../../platform/tracking/mlflow-client.ts';
import type { MlflowClient } from '../../../platform/tracking/tracking-types.ts';
import type { Failure } from '../../../schemas/failure.ts';
import { TAGS } from '../../../schemas/names.ts';
import { startFaultProxy } from '../../support/fault-proxy.ts';
import type { Fault, FaultProxy, Mode } from '../../support/fault-proxy.ts';
import { useMlflow } from './server.ts';

const mlflow = useMlflow();
let direct: MlflowClient;
let experimentId: string;
let proxy: FaultProxy | undefined;

beforeAll(async () => {
  direct = createMlflowClient({ url: mlflow.url });
  experimentId = await direct.ensureExperiment(`ensure-run ${Date.now()}-${process.pid}`);
});
afterEach(async () => {
  await proxy?.close();
  proxy = undefined;
});

/** A client whose way to MLflow has the given faults. */
async function behind(mode: Mode, slowMs = 50) {
  proxy = await startFaultProxy({ target: mlflow.url, mode, slowMs });
  const client = createMlflowClient({ url: proxy.url, timeoutMs: 20_000, backoffMs: 5 });
  return { client, proxy };
}

const creating = (fault: Fault): Mode => {
  return (request) => (request.url?.endsWith('/runs/create') ? fault : 'ok');
};

const identity = (workflowId: string) => ({
  experimentId,
  workflowId,
  runName: workflowId,
  startTime: 1_700_000_000_000,
  tags: { caller: 'test' },
});

async function activeRuns(workflowId: string): Promise<string[]> {
  const where = [{ tag: TAGS.workflowId, is: '=', value: workflowId } as const];
  const search = { experimentIds: [experimentId], where, maxResults: 100 };
  return (await direct.searchRuns(search)).runs.map(({ runId }) => runId);
}

const outage = expect.objectContaining({ code: 'MLFLOW_UNAVAILABLE' }) as Failure;

describe('one run, whatever happens to the request that creates it', () => {
  it('100 times accepted, then cut', async () => {
    const { client, proxy } = await behind(creating('commit-then-cut'));
    const ids = Array.from({ length: 100 }, (_, i) => `cut-${i}`);
    const ensured = await Promise.all(
      ids.map((id, i) => ensureRun(client, identity(id), { neverAsked: i % 2 === 0 })),
    );
    const creates = proxy.seen.filter(({ path }) => path.endsWith('/create'));
    expect(creates).toHaveLength(100);
    expect(proxy.mostAtOnce).toBeLessThanOrEqual(8);
    const { runs } = await direct.searchRuns({ experimentIds: [experimentId], maxResults: 1000 });
    const found = Object.fromEntries(ids.map((id) => [id, [] as string[]]));
    for (const run of runs) found[run.tags[TAGS.workflowId] ?? '']?.push(run.runId);
    expect(Object.values(found)).toEqual(ensured.map(({ runId }) => [runId]));
  });

  it.each(['reset', '500', 'overload-400', 'refuse'] as const)(
    'after %s, at the next attempt',
    async (fault) => {
      const id = `after-${fault}`;
      const { client, proxy } = await behind(fault === 'refuse' ? 'refuse' : creating(fault));
      await expect(ensureRun(client, identity(id))).rejects.toEqual(outage);
      expect(await activeRuns(id)).toEqual([]);
      await proxy.setMode('ok');
      const { runId } = await ensureRun(client, identity(id));
      expect(await activeRuns(id)).toEqual([runId]);
    },
  );

  it('after a hang', async () => {
    proxy = await startFaultProxy({ target: mlflow.url, mode: creating('hang') });
    const client = createMlflowClient({ url: proxy.url, timeoutMs: 1000 });
    await expect(ensureRun(client, identity('hang'))).rejects.toEqual(outage);
    await proxy.setMode('ok');
    const patient = createMlflowClient({ url: proxy.url });
    const { runId } = await ensureRun(patient, identity('hang'));
    expect(await activeRuns('hang')).toEqual([runId]);
  });

  it('on a slow way', async () => {
    const { client } = await behind('slow');
    const { runId } = await ensureRun(client, identity('slow'));
    expect(await activeRuns('slow')).toEqual([runId]);
  });

  it('that lands after all is over: the run that the workflow used stays', async () => {
    const { client, proxy } = await behind(creating('cut-then-commit'));
    // The first attempt's create is under way when the second one searches.
    await expect(ensureRun(client, identity('late'))).rejects.toEqual(outage);
    await proxy.setMode('ok');
    const used = await ensureRun(client, identity('late'));
    await proxy.release();
    expect(await activeRuns('late')).toHaveLength(2);
    const keep = used.runId;
    const { run, deleted } = await reconcileRuns(client, { ...identity('late'), keep });
    expect([run?.runId, deleted.length]).toEqual([keep, 1]);
    expect(await activeRuns('late')).toEqual([keep]);
    const again = await reconcileRuns(client, { ...identity('late'), keep });
    expect(again.deleted).toEqual([]);
  });

  it('when attempts that know nothing of each other run at once', async () => {
    const attempts = await Promise.all(
      Array.from({ length: 6 }, () => ensureRun(direct, identity('twins'))),
    );
    const keep = attempts[3]!.runId;
    await reconcileRuns(direct, { ...identity('twins'), keep });
    expect(await activeRuns('twins')).toEqual([keep]);
  });
});

describe('a run that exists', () => {
  it('is reopened after it had failed', async () => {
    const first = await ensureRun(direct, identity('reset'), { neverAsked: true });
    expect(first.sole).toBe(true);
    await direct.updateRun({ runId: first.runId, status: 'FAILED', endTime: 1_700_000_001_000 });
    const tags = { caller: 'test', 'temporal.run_id': 'second' };
    const again = await ensureRun(direct, { ...identity('reset'), tags });
    expect(again).toEqual({ ...first, sole: false });
    const run = await direct.getRun(first.runId);
    expect(run.status).toBe('RUNNING');
    expect(run.tags['temporal.run_id']).toBe('second');
  });

  it('is not that of another workflow, nor one that was deleted', async () => {
    const one = await ensureRun(direct, identity('mine'));
    const other = await ensureRun(direct, identity('mine-2'));
    expect(other.runId).not.toBe(one.runId);
    await direct.deleteRun(one.runId);
    const next = await ensureRun(direct, identity('mine'));
    expect(next.runId).not.toBe(one.runId);
    expect(await activeRuns('mine')).toEqual([next.runId]);
  });
});
