import type { temporal } from '@temporalio/proto';

/** Temporal's raw doors, as a client's connection and a worker's both have them. */
export interface TemporalAccess {
  readonly connection: {
    readonly workflowService: temporal.api.workflowservice.v1.WorkflowService;
    withAbortSignal<T>(signal: AbortSignal, use: () => Promise<T>): Promise<T>;
  };
  readonly namespace: string;
  /** An installation is its task queue: others may share the namespace. */
  readonly taskQueue: string;
}

/** One execution of a run's workflow; a reset makes another. Times in ms since 1970. */
export interface Execution {
  readonly workflowId: string;
  readonly runId: string;
  readonly startedAt: number;
  /** Undefined while it is going. */
  readonly closedAt: number | undefined;
}

/** gRPC's NOT_FOUND. */
const NOT_FOUND = 5;

export function isNotFound(error: unknown): boolean {
  return (error as { readonly code?: unknown } | null)?.code === NOT_FOUND;
}
