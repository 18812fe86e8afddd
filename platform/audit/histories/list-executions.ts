import type { google, temporal } from '@temporalio/proto';

import { EXPERIMENT_WORKFLOW } from '../../../schemas/names.ts';
import type { Execution, TemporalAccess } from './temporal-access.ts';

/** As many as Temporal gives at once. */
const PAGE = 1000;

/** What is asked where one installation of several does not matter. */
export interface Namespace {
  readonly connection: Pick<TemporalAccess['connection'], 'workflowService'>;
  readonly namespace: string;
}

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

/** All executions of our runs, those that are going first, then the latest end first. */
export function listOurs(access: TemporalAccess): AsyncGenerator<Execution> {
  return listExecutions(access, oursIn(access));
}

/** All executions of one workflow that Temporal shows. */
export function executionsOf(access: Namespace, workflowId: string): Promise<Execution[]> {
  return listAll(access, `WorkflowId = '${workflowId}'`);
}

/**
 * All executions that Temporal shows for a query. The SDK's own list decodes each memo, and ends at the first that is
 * encrypted with another installation's key.
 */
export async function* listExecutions(
  { connection, namespace }: Namespace,
  query: string,
): AsyncGenerator<Execution> {
  let page: Uint8Array | undefined;
  do {
    const { executions, next } = await list({ connection, namespace }, query, page);
    yield* executions;
    page = next;
  } while (page);
}

function oursIn({ taskQueue }: TemporalAccess): string {
  const queue = taskQueue.replaceAll(/['\\]/g, (sign) => `\\${sign}`);
  return `WorkflowType = '${EXPERIMENT_WORKFLOW}' AND TaskQueue = '${queue}'`;
}

async function listAll(access: Namespace, query: string): Promise<Execution[]> {
  const found: Execution[] = [];
  for await (const execution of listExecutions(access, query)) found.push(execution);
  return found;
}

async function list(
  { connection, namespace }: Namespace,
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
