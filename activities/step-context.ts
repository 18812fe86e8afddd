import { AsyncLocalStorage } from 'node:async_hooks';

import { Context } from '@temporalio/activity';

import type { StepUsage } from '../schemas/experiment.ts';

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
  /** Adds to what the attempt has used. */
  readonly spend: (used: Spent) => void;
}

/** What a thread or process used while it worked for a step. */
export type Spent = Partial<Pick<StepUsage, 'cpuSeconds' | 'peakBytes'>>;

const BEAT_MILLISECONDS = 1000;
interface AttemptState {
  progress: unknown;
  cpuSeconds: number;
  peakBytes: number;
}
const current = new AsyncLocalStorage<AttemptState>();

/** The context of the attempt that is running now. */
export function stepContext(): StepContext {
  const context = Context.current();
  const { info } = context;
  // Taken now: threads and processes tell of themselves in a context of their own.
  const state = current.getStore();
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
      if (state) state.progress = progress;
      context.heartbeat(progress);
    },
    spend: (used) => addTo(state, used),
  };
}

function addTo(state: AttemptState | undefined, { cpuSeconds = 0, peakBytes = 0 }: Spent): void {
  if (!state) return;
  state.cpuSeconds += cpuSeconds;
  state.peakBytes = Math.max(state.peakBytes, peakBytes);
}

/**
 * Runs an attempt and sends a heartbeat every second, repeating the last progress reported.
 * @returns what it returned, and what it used
 */
export async function withHeartbeats<T>(
  run: () => Promise<T>,
): Promise<{ output: T; usage: StepUsage }> {
  const context = Context.current();
  const state: AttemptState = { progress: undefined, cpuSeconds: 0, peakBytes: 0 };
  const look = (): void => addTo(state, { peakBytes: process.memoryUsage.rss() });
  const beat = setInterval(() => {
    look();
    context.heartbeat(state.progress);
  }, BEAT_MILLISECONDS);
  const startedAt = performance.now();
  try {
    const output = await current.run(state, run);
    look();
    const seconds = (performance.now() - startedAt) / 1000;
    return { output, usage: { seconds, cpuSeconds: state.cpuSeconds, peakBytes: state.peakBytes } };
  } finally {
    clearInterval(beat);
  }
}
