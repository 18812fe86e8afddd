import {
  CLIENT_CAPABILITIES_META_KEY,
  type CallToolResult,
  type ClientCapabilities,
  type InputRequiredResult,
  type ServerContext,
} from '@modelcontextprotocol/server';

/** MCP's Tasks extension (SEP-2663): a call is answered with a handle at once, which the client polls. */
export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';

/** What is known of a task in every state, as it goes over the wire. */
export interface Task {
  readonly taskId: string;
  readonly status: 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled';
  readonly statusMessage?: string;
  /** ISO 8601, as is the next. */
  readonly createdAt: string;
  readonly lastUpdatedAt: string;
  /** Counted from createdAt; null: it is not known to end. */
  readonly ttlMs: number | null;
  readonly pollIntervalMs?: number;
}

/** A task with what its state brings: `failed` is for JSON-RPC errors, a tool's own are `completed`. */
export type DetailedTask = Task &
  (
    | { readonly status: 'working' | 'cancelled' }
    | {
        readonly status: 'input_required';
        readonly inputRequests: NonNullable<InputRequiredResult['inputRequests']>;
      }
    | { readonly status: 'completed'; readonly result: CallToolResult }
    | { readonly status: 'failed'; readonly error: { code: number; message: string } }
  );

/**
 * Where tasks live, with `create` beside it: the four that the SDK's own extension will ask for
 * (typescript-sdk#2782). Each answers undefined or false for the id of no task.
 */
export interface TaskStore {
  get(taskId: string): Promise<DetailedTask | undefined>;
  /** Takes answers to what a task asked; those it did not ask for are nothing to it. */
  update(taskId: string, inputResponses: Readonly<Record<string, unknown>>): Promise<boolean>;
  /** Asks a task to stop; one that has ended stays as it is. */
  cancel(taskId: string, caller: string): Promise<boolean>;
}

/** True when this very request says that its client knows tasks: what it said before does not count. */
export function declaresTasks({ mcpReq }: ServerContext): boolean {
  const envelope: Partial<Record<string, unknown>> = mcpReq.envelope ?? {};
  const declared = envelope[CLIENT_CAPABILITIES_META_KEY] as ClientCapabilities | undefined;
  return declared?.extensions?.[TASKS_EXTENSION] !== undefined;
}

/** The answer to the call that made a task: the result is for tasks/get. */
export function createTaskResult(task: Task) {
  const { taskId, status, statusMessage, createdAt, lastUpdatedAt, ttlMs, pollIntervalMs } = task;
  return {
    resultType: 'task',
    // The SDK adds it to every answer of tools/call that has none.
    content: [],
    ...{ taskId, status, createdAt, lastUpdatedAt, ttlMs },
    ...(statusMessage !== undefined && { statusMessage }),
    ...(pollIntervalMs !== undefined && { pollIntervalMs }),
  };
}
