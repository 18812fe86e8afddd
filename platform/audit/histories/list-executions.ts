import type { google, temporal } from '@temporalio/proto';

import { EXPERIMENT_WORKFLOW } from '../../../schemas/names.ts';
import type { Execution, TemporalAccess } from './temporal-access.ts';

/** As many as Temporal gives at once. */
const PAGE = 1000;

export interface ExecutionPage {
  readonly executions: readonly Execution[];
  /** Undefined on the last page. */
  readonly next: Uint8Array | undefined;
}

/** One page of the executions of our runs that have ended since then, the latest end first. */
export function listEnded(
  access: TemporalAccess,
  { since, page }: { readonly since: number; readonly page?: Uint8Array | undefined },
): Promise<ExecutionPage> {
  // Only what has ended has such a time.
  const ended = `CloseTime > '${new Date(since).toISOString()}'`;
  return list(access, `${oursIn(access)} AND ${ended}`, page);
}

/** All executions of our runs that are going. */
export function listOpen(access: TemporalAccess): Promise<Execution[]> {
  return listAll(access, `${oursIn(access)} AND ExecutionStatus = 'Running'`);
}

/** All executions of one workflow that Temporal shows. */
export function executionsOf(access: TemporalAccess, workflowId: string): Promise<Execution[]> {
  return listAll(access, `WorkflowId = '${workflowId}'`);
}

function oursIn({ taskQueue }: TemporalAccess): string {
  const queue = taskQueue.replaceAll(/['\\]/g, (sign) => `\\${sign}`);
  return `WorkflowType = '${EXPERIMENT_WORKFLOW}' AND TaskQueue = '${queue}'`;
}

async function listAll(access: TemporalAccess, query: string): Promise<Execution[]> {
  const found: Execution[] = [];
  let page: Uint8Array | undefined;
  do {
    const { executions, next } = await list(access, query, page);
    found.push(...executions);
    page = next;
  } while (page);
  return found;
}

async function list(
  { connection, namespace }: TemporalAccess,
  query: string,
  page: Uint8Array | undefined,
): Promise<ExecutionPage> {
  const { executions, nextPageToken } = await connection.workflowService.listWorkflowExecutions({
    ...{ namespace, query, pageSize: PAGE },
    ...(page && { nextPageToken: page }),
  });
  return {
    executions: executions.map(executionOf),
    next: nextPageToken.length > 0 ? nextPageToken : undefined,
  };
}

function executionOf({
  execution,
  startTime,
  closeTime,
}: temporal.api.workflow.v1.IWorkflowExecutionInfo): Execution {
  return {
    workflowId: execution?.workflowId ?? '',
    runId: execution?.runId ?? '',
    startedAt: milliseconds(startTime) ?? 0,
    closedAt: milliseconds(closeTime),
  };
}

function milliseconds(time: google.protobuf.ITimestamp | null | undefined): number | undefined {
  return time ? Number(time.seconds ?? 0) * 1000 + Math.floor((time.nanos ?? 0) / 1e6) : undefined;
}
