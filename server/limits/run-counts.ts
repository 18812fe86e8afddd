import type { Client } from '@temporalio/client';

import { listExecutions } from '../../platform/audit/histories/list-executions.ts';
import { DEFAULT_TENANT, tenantInWorkflowId } from '../../schemas/caller.ts';
import { EXPERIMENT_WORKFLOW } from '../../schemas/names.ts';
import { soon } from '../experiments/soon.ts';

/** Which of a tenant’s runs are counted. */
export interface CountedRuns {
  readonly tenant: string;
  /** A further condition. */
  readonly where: string;
  /** Ids that are left out. */
  readonly without: readonly string[];
  /** Fewer than these need not be counted exactly: there may be less than the answer says. */
  readonly exactFrom: number;
}

/** How many runs a tenant has, by what Temporal shows of everybody’s, whichever server started them. */
export interface RunCounts {
  count(runs: CountedRuns): Promise<number>;
  /** Those of the ids that Temporal shows with an execution begun since then. */
  shown(ids: readonly string[], since: Date): Promise<ReadonlySet<string>>;
}

const OURS = `WorkflowType = '${EXPERIMENT_WORKFLOW}'`;

/**
 * Ids of a tenant begin with its name and a dot; the default tenant’s have neither (see tenancy.ts), and no
 * filter can say “without a dot”. So the other tenants are left out by name, as they are met.
 */
export function createRunCounts(client: Client): RunCounts {
  const { connection, options } = client;
  const access = { connection, namespace: options.namespace };
  const others = new Set<string>();
  const filter = ({ tenant, where, without }: CountedRuns): string =>
    [OURS, ...ownIds(tenant, others), where, ...notAmong(without)].join(' AND ');
  const counted = async (runs: CountedRuns) => (await client.workflow.count(filter(runs))).count;
  async function count(runs: CountedRuns): Promise<number> {
    const count = await counted(runs);
    if (runs.tenant !== DEFAULT_TENANT || count < runs.exactFrom) return count;
    const met = others.size;
    for await (const { workflowId } of listExecutions(access, filter(runs))) {
      const name = tenantInWorkflowId(workflowId);
      if (name !== undefined) others.add(name);
    }
    return others.size === met ? count : counted(runs);
  }
  async function shown(ids: readonly string[], since: Date): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    const query = `${OURS} AND StartTime >= '${since.toISOString()}' AND ${among(ids)}`;
    for await (const { workflowId } of listExecutions(access, query)) found.add(workflowId);
    return found;
  }
  // Others wait for their turn meanwhile: a Temporal that keeps silent must not have them wait for ever.
  return {
    count: (runs) => soon(client, () => count(runs)),
    shown: (ids, since) => soon(client, () => shown(ids, since)),
  };
}

function ownIds(tenant: string, others: ReadonlySet<string>): string[] {
  const begins = (text: string): string => `WorkflowId STARTS_WITH '${text}'`;
  if (tenant !== DEFAULT_TENANT) return [begins(`experiment-${tenant}.`)];
  const foreign = [...others].map((name) => `NOT ${begins(`experiment-${name}.`)}`);
  return [begins('experiment-'), ...foreign];
}

const among = (ids: readonly string[]): string =>
  `WorkflowId IN (${ids.map((id) => `'${id}'`).join(', ')})`;

const notAmong = (ids: readonly string[]): string[] =>
  ids.length === 0 ? [] : [`NOT ${among(ids)}`];
