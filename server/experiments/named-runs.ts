import type { Client } from '@temporalio/client';

import type { TrackedRun } from '../../platform/tracking/tracking-types.ts';
import { TAGS } from '../../schemas/names.ts';
import { WORKFLOW_ID, type Tenancy } from './tenancy.ts';
import type { RunReader } from './tenant-runs.ts';
import { everyExperiment } from './known-experiments.ts';
import { readWorkflow } from './workflow-record.ts';

/** A run, and the workflow id that it was named by. */
export interface NamedRun {
  readonly run: TrackedRun;
  readonly workflowId: string | undefined;
}

export interface NamedRuns {
  /** Each run once, in the order of the ids. */
  readonly runs: readonly NamedRun[];
  /** Ids without an MLflow run. */
  readonly missing: readonly string[];
}

interface NamedRunDependencies {
  readonly client: Client;
  readonly mlflow: RunReader;
  /** The ids of others are still to be told from the tenant’s: answers name them as they were given. */
  readonly tenancy: Pick<Tenancy, 'ownId' | 'ownsWorkflow'>;
}

/** Finds runs by their MLflow ids or their workflow ids. */
export async function findNamedRuns(
  deps: NamedRunDependencies,
  ids: readonly string[],
): Promise<NamedRuns> {
  const workflowIds = ids.filter((id) => WORKFLOW_ID.test(id));
  const ofWorkflows = await runsOfWorkflows(deps, workflowIds);
  const runIds = ids.map((id) => ofWorkflows.get(id) ?? id);
  const wanted = [...new Set(runIds)].filter((id) => !WORKFLOW_ID.test(id));
  const { runs: found } = await deps.mlflow.getRuns(wanted);
  const byId = new Map(found.map((run) => [run.runId, run]));
  const runs = new Map<string, NamedRun>();
  const missing: string[] = [];
  for (const [i, id] of ids.entries()) {
    const run = byId.get(runIds[i] as string);
    if (!run) missing.push(id);
    else if (!runs.has(run.runId)) {
      runs.set(run.runId, { run, workflowId: WORKFLOW_ID.test(id) ? id : undefined });
    }
  }
  return { runs: [...runs.values()], missing };
}

/** MLflow's run ids by workflow id. A workflow that used an earlier run again has none of its own. */
async function runsOfWorkflows(
  { client, mlflow, tenancy }: NamedRunDependencies,
  workflowIds: readonly string[],
): Promise<Map<string, string>> {
  if (workflowIds.length === 0) return new Map();
  const { names } = await everyExperiment(mlflow);
  const experimentIds = [...names.keys()];
  const found = await Promise.all(
    workflowIds.map(async (workflowId) => {
      const where = [{ tag: TAGS.workflowId, is: '=', value: workflowId } as const];
      const orderBy = [{ by: 'start_time', direction: 'ASC' } as const];
      const { runs } = await mlflow.searchRuns({ experimentIds, where, orderBy, maxResults: 1 });
      const runId =
        runs[0]?.runId ??
        (await readWorkflow({ client, tenancy }, tenancy.ownId(workflowId)))?.opened?.runId;
      return runId === undefined ? [] : [[workflowId, runId] as const];
    }),
  );
  return new Map(found.flat());
}
