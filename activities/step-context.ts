import { Context } from '@temporalio/activity';

import type { Progress } from '../schemas/progress.ts';
import { heartbeats, type Spent } from './heartbeats.ts';

/** What a step needs to know of the attempt it runs in. */
export interface StepContext {
  readonly workflowId: string;
  readonly temporalRunId: string;
  readonly namespace: string;
  /** 1 for the first try. */
  readonly attempt: number;
  /** Milliseconds since the epoch at which this Temporal run was first handed this step. */
  readonly scheduledAt: number;
  /** Aborted when the run is cancelled or the worker stops. */
  readonly signal: AbortSignal;
  /** Tells Temporal how far the step is; cheap, call it as often as you like. */
  readonly report: (progress: Progress) => void;
  /** Adds to what the attempt has used. */
  readonly spend: (used: Spent) => void;
}

/** The context of the attempt that is running now. */
export function stepContext(): StepContext {
  const context = Context.current();
  const { info } = context;
  // Taken now: threads and processes tell of themselves in a context of their own.
  const beats = heartbeats();
  // Activities are only ever started by workflows here.
  const execution = info.workflowExecution as { workflowId: string; runId: string };
  return {
    workflowId: execution.workflowId,
    temporalRunId: execution.runId,
    namespace: info.workflowNamespace ?? info.namespace,
    attempt: info.attempt,
    scheduledAt: info.scheduledTimestampMs,
    signal: context.cancellationSignal,
    report: (progress) => beats?.report(progress),
    spend: (used) => beats?.spend(used),
  };
}
