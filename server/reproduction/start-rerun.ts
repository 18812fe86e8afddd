import type { Client } from '@temporalio/client';

import { DEFAULT_TENANT } from '../../schemas/caller.ts';
import type { ExperimentInput } from '../../schemas/experiment.ts';
import { EXPERIMENT_WORKFLOW } from '../../schemas/names.ts';
import type { runExperiment } from '../../workflows/index.ts';
import { createTenancy, TENANT_MEMO } from '../experiments/tenancy.ts';
import type { RunRecord } from './run-record.ts';

export interface StartRerunDependencies {
  readonly client: Client;
  readonly taskQueue: string;
  /** Who asks for the rerun. */
  readonly operator: string;
}

/** In the memo of a rerun: the workflow that it repeats. */
const RERUN_MEMO = 'rerunOf';

/** Starts a run of its own that does what another did, and returns its workflow id. */
export async function startRerun(
  { client, taskQueue, operator }: StartRerunDependencies,
  original: RunRecord,
): Promise<string> {
  const { tenant = DEFAULT_TENANT } = original.request;
  const workflowId = createTenancy(tenant).workflowId();
  const input = rerunInput(original, operator);
  await client.workflow.start<typeof runExperiment>(EXPERIMENT_WORKFLOW, {
    workflowId,
    taskQueue,
    args: [input],
    memo: {
      [RERUN_MEMO]: original.workflowId,
      ...(input.tenant !== undefined && { [TENANT_MEMO]: input.tenant }),
    },
    priority: { fairnessKey: tenant },
    staticSummary: `${input.experimentName}: rerun of ${original.workflowId}`.slice(0, 200),
  });
  return workflowId;
}

/** The same request of the same data. A rerun moves no champion, and computes everything itself. */
export function rerunInput(
  { request, opened, dataset }: RunRecord,
  operator: string,
): ExperimentInput {
  const { register: _register, reuse: _reuse, rerunOf: _rerunOf, demandedData, ...same } = request;
  const data = dataset
    ? { sha256: dataset.blob.sha256, sourceSha256: dataset.sourceSha256 }
    : // A rerun that has failed for its data is repeated with what it demanded.
      demandedData;
  return {
    ...same,
    caller: operator,
    ...(opened && { rerunOf: opened.runId }),
    ...(data && { demandedData: data }),
  };
}
