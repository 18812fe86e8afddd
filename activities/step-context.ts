import { AsyncLocalStorage } from 'node:async_hooks';

import { Context } from '@temporalio/activity';

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
  readonly report: (progress: unknown) => void;
}

const BEAT_MILLISECONDS = 1000;
const current = new AsyncLocalStorage<{ progress: unknown }>();

/** The context of the attempt that is running now. */
export function stepContext(): StepContext {
  const context = Context.current();
  const { info } = context;
  // Activities are only ever started by workflows here.
  const execution = info.workflowExecution as { workflowId: string; runId: string };
  return {
    workflowId: execution.workflowId,
    temporalRunId: execution.runId,
    namespace: info.workflowNamespace ?? info.namespace,
    attempt: info.attempt,
    scheduledAt: info.scheduledTimestampMs,
    signal: context.cancellationSignal,
    report(progress) {
      const state = current.getStore();
      if (state) state.progress = progress;
      context.heartbeat(progress);
    },
  };
}

/** Runs an attempt and sends a heartbeat every second, repeating the last progress reported. */
export async function withHeartbeats<T>(run: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const state = { progress: undefined as unknown };
  const beat = setInterval(() => context.heartbeat(state.progress), BEAT_MILLISECONDS);
  try {
    return await current.run(state, run);
  } finally {
    clearInterval(beat);
  }
}
